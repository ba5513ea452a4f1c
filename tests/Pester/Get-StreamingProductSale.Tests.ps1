BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingProductSale' {
    BeforeAll {
        $connection = New-TestSchema 'sale'
        $null = Invoke-StreamingBatch -Users 20 -Transactions 100 -Details 300
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'gives the best-selling products first' {
        $products = Get-StreamingProductSale -Top 3
        $products | Should -BeOfType StreamingPg.ProductSale
        $products.Count | Should -Be 3
        $products.TotalQuantity | Should -Be ($products.TotalQuantity | Sort-Object -Descending)
    }

    It 'counts every piece and every cent' {
        $products = Get-StreamingProductSale -Top ([int]::MaxValue)
        ($products | Measure-Object TotalQuantity -Sum).Sum | Should -Be (Invoke-Sql $connection 'SELECT sum(quantity) FROM sale.detailed_transactions')
        $revenue = [decimal] 0
        $products.ForEach{ $revenue += $_.Revenue }
        $revenue | Should -Be (Invoke-Sql $connection 'SELECT sum(quantity * unit_price) FROM sale.detailed_transactions')
    }

    It 'goes by created_at' {
        Get-StreamingProductSale -Since (Get-Date).AddDays(1) | Should -BeNullOrEmpty
    }

    It 'ends what takes too long' {
        $null = Invoke-Sql $connection 'ALTER TABLE sale.detailed_transactions RENAME TO details;
            CREATE VIEW sale.detailed_transactions AS SELECT * FROM sale.details WHERE pg_sleep(5) IS NOT NULL'
        { Get-StreamingProductSale -StatementTimeout 00:00:00.020 } |
            Should -Throw -ErrorId 'StatementCanceled,StreamingPg.Cmdlets.Commands.GetStreamingProductSaleCommand'
    }
}
