BeforeAll {
    . $PSScriptRoot/Common.ps1
    $shop = Join-Path $PSScriptRoot '../../examples/shop.json'
}

Describe 'New-StreamingRow' {
    It 'makes rows of any table, columns in order, the same ones from a seed' {
        $rows = @(New-StreamingRow -Table customers -Count 5 -Metadata $shop -Seed 42)
        $rows | Should -HaveCount 5
        $rows[0].PSObject.Properties.Name | Should -Be 'customer_id', 'full_name', 'email', 'registered_at', 'preferred_address_id'
        $rows[0].PSTypeNames | Should -Contain 'StreamingPg.Row#customers'
        $again = New-StreamingRow -Table customers -Count 5 -Metadata $shop -Seed 42
        ($rows | ConvertTo-Json) | Should -Be ($again | ConvertTo-Json)
    }

    It 'makes rows of the default tables too' {
        (New-StreamingRow -Table users).user_id | Should -BeOfType guid
    }

    It 'refers to the parents of the pipeline' {
        $customers = New-StreamingRow -Table customers -Count 3 -Metadata $shop
        $addresses = $customers | New-StreamingRow -Table addresses -Count 9 -Metadata $shop
        $addresses.customer_id | ForEach-Object { $customers.customer_id | Should -Contain $_ }
        $orders = @($customers) + @($addresses) | New-StreamingRow -Table orders -Count 20 -Metadata $shop
        foreach ($order in $orders) {
            ($addresses | Where-Object address_id -EQ $order.billing_address_id).customer_id | Should -Be $order.customer_id
            ($addresses | Where-Object address_id -EQ $order.shipping_address_id).customer_id | Should -Be $order.customer_id
        }
    }

    It 'gives what Import-StreamingData takes, with and without -PassThru' {
        $connection = Connect-StreamingDatabase -Schema 'new_row'
        $null = Invoke-Sql $connection 'DROP SCHEMA IF EXISTS new_row CASCADE'
        $null = Initialize-StreamingSchema -Metadata $shop
        $imported = New-StreamingRow -Table customers -Count 3 -Metadata $shop |
            New-StreamingRow -Table addresses -Count 9 -Metadata $shop -PassThru |
            New-StreamingRow -Table orders -Count 20 -Metadata $shop -PassThru |
            Import-StreamingData -Metadata $shop
        $imported.ForEach{ "$($_.Table) $($_.Rows)" } | Should -Be 'customers 3', 'addresses 9', 'orders 20'
        New-StreamingRow -Table orders -Existing -Count 15 -Metadata $shop | Import-StreamingData -Metadata $shop |
            ForEach-Object Rows | Should -Be 15
        New-StreamingRow -Table profiles -Existing -Count 3 -Metadata $shop | Import-StreamingData -Table profiles -Metadata $shop |
            ForEach-Object Rows | Should -Be 3
        Test-StreamingIntegrity -Metadata $shop -Quiet | Should -BeTrue
        { New-StreamingRow -Table profiles -Existing -Metadata $shop } | Should -Throw -ErrorId 'TooFewParents,*'
        Disconnect-StreamingDatabase
    }

    It 'gives values that Export-Csv and ConvertTo-Json keep, for types that .NET spells otherwise' {
        $metadata = Join-Path $TestDrive 'types.json'
        Set-Content -LiteralPath $metadata -Value @'
{"kept": {"columns": {
    "id": {"type": "UUID", "primary_key": true}, "day": {"type": "DATE"}, "clock": {"type": "TIME"}, "raw": {"type": "BYTEA"},
    "labels": {"type": "TEXT[]"}, "days": {"type": "DATE[]"}, "raws": {"type": "BYTEA[]"}, "doc": {"type": "JSONB"}, "span": {"type": "INTERVAL"},
    "price": {"type": "DECIMAL(12,4)"}, "flag": {"type": "BOOLEAN"}, "twice": {"type": "INTEGER", "generated": "1 + 1"} } } }
'@
        $connection = Connect-StreamingDatabase -Schema 'kept_rows'
        $null = Invoke-Sql $connection 'DROP SCHEMA IF EXISTS kept_rows CASCADE'
        $null = Initialize-StreamingSchema -Metadata $metadata
        $rows = New-StreamingRow -Table kept -Count 20 -Metadata $metadata -Seed 3
        $rows | Import-StreamingData -Metadata $metadata
        $typed = Invoke-Sql $connection "SELECT string_agg(k::text, ' ' ORDER BY id) FROM kept_rows.kept AS k"
        $csv = Join-Path $TestDrive 'kept.csv'
        $rows | Export-Csv -LiteralPath $csv
        Get-Content -LiteralPath $csv -Raw | Should -Not -Match 'System\.'
        foreach ($again in @(Import-Csv -LiteralPath $csv), @($rows | ConvertTo-Json -Depth 4 | ConvertFrom-Json)) {
            $null = Invoke-Sql $connection 'TRUNCATE kept_rows.kept'
            $null = $again | Import-StreamingData -Table kept -Metadata $metadata
            Invoke-Sql $connection "SELECT string_agg(k::text, ' ' ORDER BY id) FROM kept_rows.kept AS k" | Should -Be $typed
        }
        Disconnect-StreamingDatabase
    }

    It 'refuses a table that is not there, and rows that refer to nothing' {
        { New-StreamingRow -Table nowhere -Metadata $shop } | Should -Throw -ErrorId 'TableUnknown,*'
        { New-StreamingRow -Table orders -Metadata $shop } | Should -Throw -ErrorId 'NoParents,*'
        { New-StreamingRow -Table tags -Metadata $shop | New-StreamingRow -Table product_tags -Metadata $shop } | Should -Throw -ErrorId 'ParentWithoutKey,*'
    }
}
