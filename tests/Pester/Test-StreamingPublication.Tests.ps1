BeforeAll {
    . $PSScriptRoot/Common.ps1
    Connect-StreamingDatabase
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'Test-StreamingPublication' {
    It 'says what is missing, and that Initialize-StreamingSchema -Publication makes it' {
        $null = Initialize-StreamingSchema -Schema feed
        (Test-StreamingPublication feed -Schema feed | Where-Object Check -EQ Publication).IsOk | Should -BeFalse

        (Initialize-StreamingSchema -Schema feed -Publication feed | Where-Object Kind -EQ publication).Action | Should -Be 'Created'

        $tested = Test-StreamingPublication -Name feed -Schema feed | Where-Object Check -In Publication, Table
        $tested.Object | Should -Be feed, users, transactions, detailed_transactions, batch_ledger
        $tested.IsOk | Should -Not -Contain $false
    }
}
