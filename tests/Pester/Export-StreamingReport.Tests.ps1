BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Export-StreamingReport' {
    BeforeAll {
        $null = New-TestSchema 'report'
        $null = Invoke-StreamingBatch
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'writes one file that needs nothing else, and says which' {
        Push-Location $TestDrive
        try {
            $file = Export-StreamingReport report.html
        }
        finally {
            Pop-Location
        }
        $file | Should -BeOfType System.IO.FileInfo
        $file.FullName | Should -Be (Join-Path $TestDrive 'report.html')
        $page = Get-Content -Raw $file
        ([regex]::Matches($page, '<svg')).Count | Should -Be 18
        $page | Should -Not -Match 'http|<script|src='
    }

    It 'writes nothing with -WhatIf, and replaces nothing with -NoClobber' {
        Export-StreamingReport (Join-Path $TestDrive 'no.html') -WhatIf
        Join-Path $TestDrive 'no.html' | Should -Not -Exist
        $file = Join-Path $TestDrive 'mine.html'
        Set-Content $file 'mine'
        { Export-StreamingReport $file -NoClobber } |
            Should -Throw -ErrorId 'ReportExists,StreamingPg.Cmdlets.Commands.ExportStreamingReportCommand'
        Get-Content $file | Should -Be 'mine'
    }

    It 'leaves out the integrity checks when told to' {
        $page = Get-Content -Raw (Export-StreamingReport (Join-Path $TestDrive 'quick.html') -SkipIntegrity -Estimate)
        $page | Should -Match 'The checks were skipped'
    }
}
