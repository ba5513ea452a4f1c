BeforeAll {
    . $PSScriptRoot/Common.ps1
    $shop = Join-Path $PSScriptRoot '../../examples/shop.json'
}

Describe 'Invoke-StreamingBatch -Metadata' {
    BeforeAll {
        $connection = Connect-StreamingDatabase -Schema 'any_model'
        $null = Invoke-Sql $connection 'DROP SCHEMA IF EXISTS any_model CASCADE'
        $null = Initialize-StreamingSchema -Metadata $shop
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'takes the rows that the metadata says' {
        $result = Invoke-StreamingBatch -Metadata $shop
        $rows = @{}
        $result.Tables.ForEach{ $rows[$_.Table] = $_.Rows }
        $rows.customers | Should -Be 10
        $rows.reviews | Should -Be 25
        $rows.order_lines | Should -BeGreaterOrEqual 30
    }

    It 'takes the rows that are asked for' {
        Invoke-StreamingBatch -Metadata $shop -Rows @{ products = 7; orders = 11 } | ForEach-Object Tables |
            Where-Object Table -In 'products', 'orders' | ForEach-Object { "$($_.Table) $($_.Rows)" } | Sort-Object | Should -Be 'orders 11', 'products 7'
        Get-RowCount $connection 'products' | Should -Be 27
        Test-StreamingIntegrity -Metadata $shop -Quiet | Should -BeTrue
        (Get-StreamingGrowth -Metadata $shop | Where-Object Table -EQ products).Rows | Should -Be 27
    }

    It 'leaves a table out that is asked for no rows' {
        $before = Get-RowCount $connection 'reviews'
        $result = Invoke-StreamingBatch -Metadata $shop -Rows @{ reviews = 0; products = 0 }
        ($result.Tables | Where-Object Table -EQ 'customers').Rows | Should -Be 10
        Get-RowCount $connection 'reviews' | Should -Be $before
        Get-RowCount $connection 'products' | Should -Be 27
        Test-StreamingIntegrity -Metadata $shop -Quiet | Should -BeTrue
    }

    It 'streams them, in a job too' {
        Invoke-StreamingBatch -Metadata $shop -Continuous -Interval 100ms -MaxBatches 2 -InformationAction Ignore | Should -HaveCount 2
        $job = Invoke-StreamingBatch -Metadata $shop -Rows @{ customers = 3 } -Continuous -MaxBatches 1 -AsJob
        $null = $job | Wait-Job -Timeout 120
        Receive-Job $job -InformationAction Ignore | Should -HaveCount 1
        Remove-Job $job
        Test-StreamingIntegrity -Metadata $shop -Quiet | Should -BeTrue
    }

    It 'shows the plan with -WhatIf' {
        $before = Get-RowCount $connection 'products'
        Invoke-StreamingBatch -Metadata $shop -WhatIf | Should -BeNullOrEmpty
        Get-RowCount $connection 'products' | Should -Be $before
    }

    It 'refuses rows of tables that the metadata does not have' {
        { Invoke-StreamingBatch -Metadata $shop -Users 3 } | Should -Throw -ErrorId 'TableUnknown,*'
        { Invoke-StreamingBatch -Metadata $shop -Rows @{ product = 3 } } | Should -Throw -ErrorId 'TableUnknown,*'
        { Invoke-StreamingBatch -Metadata $shop -Rows @{ products = 'many' } } | Should -Throw -ErrorId 'RowsNotANumber,*'
        { Invoke-StreamingBatch -Rows @{ users = 3 } -Users 3 } | Should -Throw -ErrorId 'RowsAskedTwice,*'
    }
}
