BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $pages = Get-Command -Module StreamingPg | ForEach-Object { @{ Name = $_.Name; Examples = @((Get-Help $_.Name -Full).examples.example) } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1

    # What about_StreamingPg tells to do first; each page begins with it, and each example in an empty folder.
    function Reset-Database {
        Get-StreamingConnection | Disconnect-StreamingDatabase
        $null = Start-StreamingServer -Path $env:STREAMINGPG_SERVER_PATH
        $connection = Connect-StreamingDatabase
        $null = Invoke-Sql $connection @'
            SET client_min_messages = error;
            DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' AND nspname <> 'public' LOOP
                    EXECUTE format('DROP SCHEMA %I CASCADE', name);
                END LOOP;
            END $$
'@
        Disconnect-StreamingDatabase
        $null = Initialize-StreamingSchema
        $null = Invoke-StreamingBatch
    }
}

# Each example of the help as it stands: it runs, and its page has a remark and what it gives.
Describe 'The examples of <Name>' -ForEach $pages {
    BeforeAll {
        Reset-Database
    }

    AfterAll {
        Remove-Item Env:PG* -ErrorAction Ignore
        Get-StreamingConnection | Disconnect-StreamingDatabase
        $null = Get-StreamingServer -All | Where-Object Path -Like "$TestDrive*" | Stop-StreamingServer
        $null = Start-StreamingServer -Path $env:STREAMINGPG_SERVER_PATH
        Set-Location -LiteralPath $global:StreamingPgTestFolder
    }

    It 'run: <_.title>' -ForEach $Examples {
        Set-Location -LiteralPath (New-Item -ItemType Directory -Path (Join-Path $TestDrive (New-Guid)))
        $remarks = @($_.remarks.Text | Where-Object { $_ })
        $remarks | Should -Not -BeNullOrEmpty
        $given = & ([scriptblock]::Create("`$ErrorActionPreference = 'Stop'; `$ProgressPreference = 'SilentlyContinue'`n$($_.code)")) 6> $null | Out-String -Width 80
        if ($given.Trim()) {
            $remarks.Count | Should -BeGreaterThan 1 -Because 'the example gives something, which the page should show'
        }
    }
}
