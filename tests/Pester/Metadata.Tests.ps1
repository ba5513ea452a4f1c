BeforeAll {
    . $PSScriptRoot/Common.ps1
}

# Metadata as people have it: in a file, as text, as a hash table, as an object.
Describe 'Metadata' {
    BeforeAll {
        $document = [ordered]@{ boxes = [ordered]@{ columns = [ordered]@{ id = @{ type = 'UUID'; primary_key = $true }; label = @{ type = 'VARCHAR(20)' } } } }
        $text = $document | ConvertTo-Json -Depth 9
        $file = Join-Path $TestDrive 'boxes.json'
        Set-Content -LiteralPath $file $text
        $columns = 'id', 'label'
    }

    It 'is the path of a file' {
        (Get-StreamingMetadata -Metadata $file).Column | Should -Be $columns
        (Get-Item $file | Get-StreamingMetadata).Column | Should -Be $columns
        ($file | Get-StreamingMetadata).Column | Should -Be $columns
    }

    It 'is its text' {
        (Get-StreamingMetadata -Metadata $text).Column | Should -Be $columns
        (Get-Content -Raw $file | Get-StreamingMetadata).Column | Should -Be $columns
    }

    It 'is a hash table' {
        (Get-StreamingMetadata -Metadata $document).Column | Should -Be $columns
        ($document | Get-StreamingMetadata).Column | Should -Be $columns
        (Get-StreamingMetadata -Metadata @{ boxes = @{ columns = @{ id = @{ type = 'BIGINT'; primary_key = $true } } } }).Type | Should -Be 'BIGINT'
    }

    It 'is an object' {
        (Get-StreamingMetadata -Metadata ($text | ConvertFrom-Json)).Column | Should -Be $columns
        ($text | ConvertFrom-Json | Get-StreamingMetadata).Column | Should -Be $columns
    }

    It 'is checked whatever it is' {
        { Get-StreamingMetadata -Metadata @{ boxes = @{ colums = @{} } } } | Should -Throw -ErrorId 'InvalidMetadata,*'
        { Get-StreamingMetadata -Metadata '{ "boxes": ' } | Should -Throw -ErrorId 'InvalidMetadata,*'
    }

    It 'completes tables and rows' {
        $global:StreamingPgDocument = $document
        try {
            (TabExpansion2 'New-StreamingRow -Metadata $StreamingPgDocument -Table ').CompletionMatches.CompletionText | Should -Be 'boxes'
        }
        finally {
            Remove-Variable StreamingPgDocument -Scope Global
        }
    }

    It 'is not what the ledger gives' {
        $null = New-TestSchema 'not_metadata'
        try {
            $null = Invoke-StreamingBatch
            { Get-StreamingBatch | Invoke-StreamingBatch -Resume } | Should -Not -Throw '*metadata*'
        }
        finally {
            Disconnect-StreamingDatabase
        }
    }

    It 'has tables whose rows can be requested in any case' {
        $null = Connect-StreamingDatabase -Schema boxes
        try {
            $null = Initialize-StreamingSchema -Metadata $document
            (Invoke-StreamingBatch -Metadata $document -Rows @{ BOXES = 7 }).Tables.Rows | Should -Be 7
            $twice = [System.Collections.Specialized.OrderedDictionary]::new([StringComparer]::Ordinal)
            $twice['BOXES'] = 7
            $twice['boxes'] = 8
            { Invoke-StreamingBatch -Metadata $document -Rows $twice } | Should -Throw -ErrorId 'RowsAskedTwice,*'
        }
        finally {
            Disconnect-StreamingDatabase
        }
    }
}
