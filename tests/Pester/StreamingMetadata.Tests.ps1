BeforeAll {
    . $PSScriptRoot/Common.ps1
    $connection = New-TestSchema 'describing'
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'Metadata files' {
    It 'begin with a model, and are valid' {
        $file = New-StreamingMetadata shop -Path TestDrive:/shop.json
        $test = Test-StreamingMetadata $file
        $test.Valid | Should -BeTrue
        $test.Tables | Should -BeGreaterThan 5
        $test.ForeignKeys | Should -BeGreaterThan 5
        { New-StreamingMetadata shop -Path TestDrive:/shop.json } | Should -Throw -ErrorId 'MetadataExists,*'
        New-StreamingMetadata shop -Path TestDrive:/other.json -WhatIf
        'TestDrive:/other.json' | Should -Not -Exist
        New-StreamingMetadata | ConvertFrom-Json | ForEach-Object users | Should -Not -BeNullOrEmpty
        { New-StreamingMetadata shoes } | Should -Throw -ErrorId 'MetadataModelUnknown,*'
    }

    It 'are tested one after another, and the invalid ones are results' {
        $null = New-StreamingMetadata default -Path TestDrive:/a.json
        Set-Content TestDrive:/b.json '{"users": {"columns": {"id": {"type": "SHOE"}}}}'
        $tests = Get-Item TestDrive:/a.json, TestDrive:/b.json | Test-StreamingMetadata
        $tests.Valid | Should -Be $true, $false
        $tests[1].Problem | Should -Match 'SHOE'
        Test-StreamingMetadata TestDrive:/b.json -Quiet | Should -BeFalse
        (Test-StreamingMetadata TestDrive:/none.json).Valid | Should -BeFalse
    }

    It 'are exported from existing tables' {
        $file = Export-StreamingMetadata TestDrive:/live.json -Table transactions
        (Test-StreamingMetadata $file).Tables | Should -Be 2
        Get-Content -Raw $file | Should -Be ((Get-StreamingMetadata -FromDatabase -Table transactions))
        Export-StreamingMetadata TestDrive:/not.json -WhatIf
        'TestDrive:/not.json' | Should -Not -Exist
    }
}
