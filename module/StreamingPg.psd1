@{
    RootModule           = 'StreamingPg.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = 'bafdc47b-eab5-4824-b9b4-c3676a3018b6'
    Author               = 'StreamingPg contributors'
    CompanyName          = 'StreamingPg contributors'
    Copyright            = '(c) StreamingPg contributors. MIT licence.'
    Description          = 'Generates related fake data, loads it into PostgreSQL with every foreign key verified, checks it and shows how it grows.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('StreamingPg.Format.ps1xml')
    CmdletsToExport      = @(
        'Clear-StreamingData'
        'Close-StreamingBatch'
        'Connect-StreamingDatabase'
        'Disconnect-StreamingDatabase'
        'Export-StreamingData'
        'Export-StreamingMetadata'
        'Export-StreamingReport'
        'Get-StreamingBatch'
        'Get-StreamingConnection'
        'Get-StreamingEventTime'
        'Get-StreamingGenerator'
        'Get-StreamingGrowth'
        'Get-StreamingLikeness'
        'Get-StreamingLocale'
        'Get-StreamingMetadata'
        'Get-StreamingProductSale'
        'Get-StreamingRelationship'
        'Get-StreamingRow'
        'Get-StreamingServer'
        'Get-StreamingSnapshot'
        'Get-StreamingUserActivity'
        'Import-StreamingData'
        'Initialize-StreamingSchema'
        'Invoke-StreamingBatch'
        'Invoke-StreamingQuery'
        'New-StreamingDetail'
        'New-StreamingMetadata'
        'New-StreamingRow'
        'New-StreamingTransaction'
        'New-StreamingUser'
        'Register-StreamingGenerator'
        'Remove-StreamingData'
        'Remove-StreamingSchema'
        'Remove-StreamingServer'
        'Remove-StreamingSnapshot'
        'Restore-StreamingSnapshot'
        'Save-StreamingSnapshot'
        'Start-StreamingDashboard'
        'Start-StreamingServer'
        'Stop-StreamingDashboard'
        'Stop-StreamingServer'
        'Test-StreamingConnection'
        'Test-StreamingHealth'
        'Test-StreamingIntegrity'
        'Test-StreamingMetadata'
        'Test-StreamingPublication'
        'Update-StreamingSchema'
        'Update-StreamingServer'
        'Watch-StreamingGrowth'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags       = @('PostgreSQL', 'FakeData', 'TestData', 'Streaming', 'PSEdition_Core', 'Linux', 'MacOS', 'Windows')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
