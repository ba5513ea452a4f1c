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

Describe 'Get-StreamingMetadata without a database' {
    BeforeAll {
        $file = Join-Path $TestDrive 'shop.json'
        Set-Content -LiteralPath $file -Value @'
{"products": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "name": {"type": "VARCHAR(80)"},
  "sku": {"type": "VARCHAR(12)", "pattern": "[A-Z]{4}", "unique": true}, "is_active": {"type": "BOOLEAN"}}},
 "reviews": {"columns": {"id": {"type": "UUID", "primary_key": true},
  "product_id": {"type": "INTEGER", "foreign_key": {"table": "products", "column": "id"}}, "rating": {"type": "INTEGER"}}}}
'@
    }

    It 'says how each column is filled, who chose it and why' {
        $columns = Get-StreamingMetadata -Metadata $file
        $columns | Should -BeOfType StreamingPg.StreamingColumn
        $columns.Column | Should -Be 'id', 'name', 'sku', 'is_active', 'id', 'product_id', 'rating'
        $columns.Generator | Should -Be 'sequence', 'commerce.product_name', 'pattern', 'boolean', 'uuid.v7', 'foreign_key', 'commerce.rating'
        $columns.Origin | Should -Be 'Server', 'Inferred', 'Declared', 'Inferred', 'Key', 'Parent', 'Inferred'
        $columns.Reason | ForEach-Object { $_ | Should -Not -BeNullOrEmpty }
    }

    It 'shows the default tables, one of them, and names those there are' {
        (Get-StreamingMetadata).Count | Should -Be 18
        (Get-StreamingMetadata -Table users).Column | Should -Be 'user_id', 'name', 'email', 'age', 'city', 'registration_date'
        { Get-StreamingMetadata -Table user } | Should -Throw -ErrorId 'TableUnknown,*' -ExpectedMessage '*Did you mean "users"?*'
    }

    It 'saves and learns from a database only' {
        { Get-StreamingMetadata -Path $file } | Should -Throw -ErrorId 'NeedsDatabase,*'
    }
}
