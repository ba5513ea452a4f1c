BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingMetadata -FromDatabase' {
    BeforeAll {
        $connection = Connect-StreamingDatabase -Schema 'live'
        $null = Invoke-Sql $connection @'
DROP SCHEMA IF EXISTS live CASCADE;
CREATE SCHEMA live;
CREATE TABLE live.author (author_id serial PRIMARY KEY, country text NOT NULL);
CREATE TABLE live.book (book_id serial PRIMARY KEY, author_id int NOT NULL REFERENCES live.author, price numeric(6,2) CHECK (price > 0));
CREATE VIEW live.titles AS SELECT book_id FROM live.book;
'@
        $file = Join-Path $TestDrive 'live.json'
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'writes the document to the pipeline' {
        $document = Get-StreamingMetadata -FromDatabase -WarningVariable warnings -WarningAction SilentlyContinue | ConvertFrom-Json
        $document.PSObject.Properties.Name | Should -Be 'author', 'book'
        $document.book.columns.author_id.foreign_key.table | Should -Be 'author'
        $document.book.checks[0].expression | Should -Be 'price > (0)::numeric'
        $warnings | Should -BeLike 'titles: it is a view*'
    }

    It 'saves it, and replaces nothing unasked' {
        Get-StreamingMetadata -FromDatabase -Table book -Path $file -WhatIf
        $file | Should -Not -Exist
        $saved = Get-StreamingMetadata -FromDatabase -Table book -Path $file
        $saved | Should -BeOfType System.IO.FileInfo
        $saved.FullName | Should -Be $file
        { Get-StreamingMetadata -FromDatabase -Table book -Path $file } | Should -Throw -ErrorId 'MetadataExists,*'
        { Get-StreamingMetadata -FromDatabase -Table book -Path $file -Force } | Should -Not -Throw
    }

    It 'describes tables as they are' {
        $null = Get-StreamingMetadata -FromDatabase -Table book -Path $file -Force
        $changes = Initialize-StreamingSchema -Metadata $file | Where-Object Kind -EQ 'table'
        $changes.Name | Should -Be 'author', 'book'
        $changes.Action | Should -Be 'Unchanged', 'Unchanged'
    }

    It 'describes tables that can be filled' {
        $result = Invoke-StreamingBatch -Metadata $file -Rows @{ author = 3; book = 20 }
        $result.TotalRows | Should -Be 23
        Get-RowCount $connection book | Should -Be 20
    }

    It 'names a table that cannot be filled' {
        { Get-StreamingMetadata -FromDatabase -Table titles } | Should -Throw -ErrorId 'TableNotFillable,*'
        { Get-StreamingMetadata -FromDatabase -Table bok } | Should -Throw '*Did you mean "book"?*'
    }
}
