BeforeAll {
    . $PSScriptRoot/Common.ps1
}

# No cmdlet runs what a stranger planted in public, with the rights of whoever runs the cmdlet. The same walk on the command line is in
# tests/Integration/Security/HostileSchemaTests.cs.
Describe 'A hostile schema public' {
    BeforeAll {
        # Handles of their own, which the cmdlets that are tried do not close.
        $admin = (Connect-StreamingDatabase).Copy()
        $null = Invoke-Sql $admin 'DROP DATABASE IF EXISTS hostile'
        $null = Invoke-Sql $admin 'CREATE DATABASE hostile'
        $server = $admin.GetType().GetMethod('CopySettings', [Reflection.BindingFlags] 'NonPublic, Instance').Invoke($admin, @())
        $server['Database'] = 'hostile'
        $settings = $server.ConnectionString
        $planting = (Connect-StreamingDatabase -ConnectionString $settings).Copy()
        $null = Invoke-Sql $planting (Get-Content -Raw -LiteralPath $PSScriptRoot/../Integration/Security/HostileSchema.sql)
        $null = Invoke-Sql $planting 'ALTER DATABASE hostile SET search_path = public, pg_catalog'
        $connection = Connect-StreamingDatabase -ConnectionString $settings
        Set-Content -LiteralPath users.csv "user_id,name,city`n0190a000-0000-7000-8000-000000000001,Ann,Lima"

        function Get-HostileCall {
            Invoke-Sql $planting "SELECT CASE WHEN s.is_called THEN pg_catalog.concat(s.last_value, ' ', (SELECT pg_catalog.string_agg(DISTINCT what, ', ') FROM public.called)) ELSE '' END FROM public.calls s"
        }
    }

    AfterAll {
        Disconnect-StreamingDatabase
        $planting.Dispose()
        $null = Invoke-Sql $admin 'DROP DATABASE IF EXISTS hostile WITH (FORCE)'
        $admin.Dispose()
    }

    It 'is really hostile' {
        { Invoke-Sql $connection 'BEGIN; SELECT max(1); ROLLBACK' } | Should -Not -Throw
        Get-HostileCall | Should -Not -BeNullOrEmpty
        $null = Invoke-Sql $planting "SELECT pg_catalog.setval('public.calls', 0, false)"
        $null = Invoke-Sql $planting 'DELETE FROM public.called'
    }

    It 'is not called by <Name>' -ForEach @(
        @{ Name = 'Connect-StreamingDatabase'; Run = { Connect-StreamingDatabase -ConnectionString $settings } }
        @{ Name = 'Initialize-StreamingSchema'; Run = { Initialize-StreamingSchema } }
        @{ Name = 'Test-StreamingConnection'; Run = { Test-StreamingConnection } }
        @{ Name = 'Invoke-StreamingBatch'; Run = {
                Invoke-StreamingBatch
                Invoke-StreamingBatch -Users 1000 -Transactions 2000 -Details 3000
                Invoke-StreamingBatch -ForeignKeyCheck Row
                Invoke-StreamingBatch -FromDatabase -RowsPerTable 3
                Invoke-StreamingBatch -Continuous -Interval 100ms -MaxBatches 2 -Retention 30d
            }
        }
        @{ Name = 'New-StreamingUser'; Run = { New-StreamingUser -Count 2 | Import-StreamingData } }
        @{ Name = 'New-StreamingTransaction'; Run = { New-StreamingUser -Count 2 | New-StreamingTransaction } }
        @{ Name = 'New-StreamingDetail'; Run = { New-StreamingUser -Count 2 | New-StreamingTransaction | New-StreamingDetail } }
        @{ Name = 'New-StreamingRow'; Run = { New-StreamingRow -Table users -Count 2 } }
        @{ Name = 'Import-StreamingData'; Run = {
                Import-StreamingData -Path users.csv -Table users
                Import-StreamingData -Path users.csv -Table users -OnConflict Update -OnError Reject -RejectPath rejects.jsonl
            }
        }
        @{ Name = 'Test-StreamingIntegrity'; Run = { Test-StreamingIntegrity } }
        @{ Name = 'Test-StreamingHealth'; Run = { Test-StreamingHealth } }
        @{ Name = 'Get-StreamingGrowth'; Run = { Get-StreamingGrowth; Get-StreamingGrowth -Estimate } }
        @{ Name = 'Watch-StreamingGrowth'; Run = { Watch-StreamingGrowth -Count 1; Watch-StreamingGrowth -Exact -Count 1 } }
        @{ Name = 'Start-StreamingDashboard'; Run = { Start-StreamingDashboard | Stop-StreamingDashboard } }
        @{ Name = 'Get-StreamingBatch'; Run = { Get-StreamingBatch -Last 5; Get-StreamingBatch -Summary } }
        @{ Name = 'Close-StreamingBatch'; Run = {
                $id = [guid]::NewGuid()
                Invoke-StreamingBatch -BatchId $id -Users 300 -Transactions 600 -Details 900 -ChunkSize 600
                $null = Invoke-Sql $planting "DELETE FROM streaming.batch_ledger WHERE batch_id OPERATOR(pg_catalog.=) '$id' AND part OPERATOR(pg_catalog.=) 2"
                Close-StreamingBatch $id -Rows Remove -Confirm:$false
            }
        }
        @{ Name = 'Get-StreamingRow'; Run = {
                Get-StreamingBatch -Last 1 | Get-StreamingRow -Table users
                Get-StreamingRow users -Sample 2
                Get-StreamingRow users -First 2 | ForEach-Object { Get-StreamingRow users -Key $_.user_id }
            }
        }
        @{ Name = 'Invoke-StreamingQuery'; Run = { Invoke-StreamingQuery 'SELECT count(*) FROM users WHERE city = $1' -ArgumentList Lima } }
        @{ Name = 'Get-StreamingUserActivity'; Run = { Get-StreamingUserActivity } }
        @{ Name = 'Get-StreamingProductSale'; Run = { Get-StreamingProductSale } }
        @{ Name = 'Get-StreamingRelationship'; Run = { Get-StreamingRelationship } }
        @{ Name = 'Get-StreamingEventTime'; Run = { Get-StreamingEventTime -By Lateness } }
        @{ Name = 'Get-StreamingLikeness'; Run = { Get-StreamingLikeness streaming.transactions -Table detailed_transactions } }
        @{ Name = 'Export-StreamingData'; Run = { Export-StreamingData (Join-Path $TestDrive 'data') -FromDatabase -Force } }
        @{ Name = 'Export-StreamingReport'; Run = { Export-StreamingReport report.html } }
        @{ Name = 'Get-StreamingMetadata'; Run = { Get-StreamingMetadata -FromDatabase; Get-StreamingMetadata -FromDatabase -LearnFrom } }
        @{ Name = 'Export-StreamingMetadata'; Run = { Export-StreamingMetadata hostile.json -Force } }
        @{ Name = 'New-StreamingMetadata'; Run = { New-StreamingMetadata } }
        @{ Name = 'Test-StreamingMetadata'; Run = { Test-StreamingMetadata hostile.json } }
        @{ Name = 'Update-StreamingSchema'; Run = {
                Update-StreamingSchema -Confirm:$false
                Update-StreamingSchema -WidenKey detailed_transactions -Confirm:$false
            }
        }
        @{ Name = 'Test-StreamingPublication'; Run = {
                Initialize-StreamingSchema -Publication hostile
                Test-StreamingPublication hostile
            }
        }
        @{ Name = 'Remove-StreamingData'; Run = {
                Remove-StreamingData -OlderThan 30d -WhatIf
                Remove-StreamingData -OlderThan 30d -Confirm:$false
            }
        }
        @{ Name = 'Get-StreamingSnapshot'; Run = { Get-StreamingSnapshot } }
        @{ Name = 'Clear-StreamingData'; Run = { Clear-StreamingData -Force -Confirm:$false } }
        @{ Name = 'Remove-StreamingSchema'; Run = { Remove-StreamingSchema -Confirm:$false } }
    ) {
        $null = & $Run
        Get-HostileCall | Should -BeExactly ''
    }

    It 'is tried on every cmdlet' {
        $tried = (Get-Content -Raw -LiteralPath $PSCommandPath | Select-String -AllMatches "Name = '([A-Za-z-]+)'").Matches |
            ForEach-Object { $_.Groups[1].Value }
        $without = 'Disconnect-StreamingDatabase', 'Stop-StreamingDashboard', 'Get-StreamingServer', 'Start-StreamingServer', 'Stop-StreamingServer',
            'Update-StreamingServer', 'Remove-StreamingServer',
            'Get-StreamingConnection', 'Get-StreamingGenerator', 'Get-StreamingLocale', 'Register-StreamingGenerator',
            # These work from another database than the hostile one.
            'Save-StreamingSnapshot', 'Restore-StreamingSnapshot', 'Remove-StreamingSnapshot'
        (Get-Command -Module StreamingPg).Name | Where-Object { $_ -notin $tried -and $_ -notin $without } | Should -BeNullOrEmpty
    }
}
