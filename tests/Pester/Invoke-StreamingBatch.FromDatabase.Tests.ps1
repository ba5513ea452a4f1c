BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Invoke-StreamingBatch -FromDatabase' {
    BeforeAll {
        $connection = Connect-StreamingDatabase -Schema 'found_tables'
        $null = Invoke-Sql $connection 'DROP SCHEMA IF EXISTS found_tables CASCADE'
        $null = Invoke-Sql $connection 'CREATE SCHEMA found_tables'
        $null = Invoke-Sql $connection 'CREATE TABLE found_tables.city (id serial PRIMARY KEY, name text NOT NULL UNIQUE)'
        $null = Invoke-Sql $connection 'CREATE TABLE found_tables.shopper (id serial PRIMARY KEY, city_id int NOT NULL REFERENCES found_tables.city, a int, b int, CHECK ((a IS NULL) <> (b IS NULL)))'
        $null = Invoke-Sql $connection 'CREATE TABLE found_tables.shape (p pg_node_tree NOT NULL)'
    }

    AfterAll {
        $null = Invoke-Sql $connection 'DROP SCHEMA IF EXISTS found_tables CASCADE'
        Disconnect-StreamingDatabase
    }

    It 'shows the plan with -WhatIf and changes nothing' {
        $plan = Invoke-StreamingBatch -FromDatabase -RowsPerTable 50 -WhatIf
        $plan | ForEach-Object { "$($_.Table) $($_.Status) $($_.Requested)" } | Should -Be 'shape LeftOut 50', 'city Planned 50', 'shopper Planned 50'
        $plan[0].Reason | Should -Match 'pg_node_tree'
        Get-RowCount $connection 'city' | Should -Be 0
    }

    It 'fills the tables and reports each' {
        $tables = Invoke-StreamingBatch -FromDatabase -RowsPerTable 50
        $tables | Where-Object Status -EQ Filled | ForEach-Object { "$($_.Table) $($_.Made)" } | Should -Be 'city 50', 'shopper 50'
        Get-RowCount $connection 'shopper' | Should -Be 50
    }

    It 'takes a list of schemas' {
        $plan = Invoke-StreamingBatch -FromDatabase -Schema found_tables, found_tables -RowsPerTable 5 -WhatIf
        $plan.Table | Should -Be 'shape', 'city', 'shopper'
    }

    It 'stops where tables cannot be filled, if requested' {
        { Invoke-StreamingBatch -FromDatabase -OnUnfillable Stop -ErrorAction Stop } | Should -Throw -ErrorId 'TablesNotFillable*'
        Get-RowCount $connection 'city' | Should -Be 50
    }
}
