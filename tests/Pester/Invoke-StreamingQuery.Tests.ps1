BeforeAll {
    . $PSScriptRoot/Common.ps1
    $connection = New-TestSchema 'querying'
    $null = Invoke-StreamingBatch -Users 20 -Transactions 40 -Details 60
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'Invoke-StreamingQuery' {
    It 'gives rows as objects, with the types of their columns' {
        $row = Invoke-StreamingQuery "SELECT 1::smallint AS small, 2::bigint AS big, 1.50::numeric(10,2) AS money, true AS yes,
            TIMESTAMPTZ '2026-01-02T03:04:05Z' AS at, NULL::int AS nothing, ARRAY[1,2] AS list, 'a'::text, 'b'::text,
            gen_random_uuid() AS id, '(1,2)'::point AS spot, 'infinity'::timestamptz AS never"
        $row.small | Should -BeOfType [int16]
        $row.big | Should -BeOfType [long]
        $row.money | Should -Be 1.50
        $row.yes | Should -BeTrue
        $row.at.ToUniversalTime() | Should -Be ([datetime] '2026-01-02T03:04:05Z').ToUniversalTime()
        $row.nothing | Should -BeNullOrEmpty
        $row.list | Should -Be 1, 2
        $row.text | Should -Be 'a'
        $row.text_2 | Should -Be 'b'
        $row.id | Should -BeOfType [guid]
        $row.spot | Should -Be '(1,2)'
        $row.never | Should -Be 'infinity'
    }

    It 'reads results of any size, and types of the database itself' {
        (Invoke-StreamingQuery 'SELECT n FROM generate_series(1, 2500) AS n').n | Should -Be (1..2500)
        Invoke-StreamingQuery 'SELECT generate_series(1, 100000000) AS n' | Select-Object -First 3 | Should -HaveCount 3
        $null = Invoke-Sql $connection "CREATE TYPE querying.mood AS ENUM ('good')"
        (Invoke-StreamingQuery "SELECT 'good'::querying.mood AS mood").mood | Should -Be 'good'
        Invoke-StreamingQuery 'SELECT * FROM users WHERE false' | Should -BeNullOrEmpty
    }

    It 'sends arguments apart from the statement' {
        (Invoke-StreamingQuery 'SELECT $1::text AS value' -ArgumentList "'; DROP TABLE users").value | Should -Be "'; DROP TABLE users"
        (Invoke-StreamingQuery 'SELECT count(*) AS n FROM users WHERE registration_date <= $1' -ArgumentList ([datetime]::UtcNow.AddDays(1))).n | Should -Be 20
        (Invoke-StreamingQuery 'SELECT $1::int IS NULL AS is_null' -ArgumentList @(, $null)).is_null | Should -BeTrue
    }

    It 'changes nothing unless it is told to' {
        { Invoke-StreamingQuery 'DELETE FROM detailed_transactions' } | Should -Throw -ErrorId 'QueryWrites,*'
        { Invoke-StreamingQuery 'SELECT 1; DELETE FROM detailed_transactions' } | Should -Throw '*one statement at a time.'
        { Invoke-StreamingQuery 'SELEC 1' } | Should -Throw '*Correct the statement.'
        { Invoke-StreamingQuery 'COMMIT; DELETE FROM detailed_transactions' } | Should -Throw
        Get-RowCount $connection 'detailed_transactions' | Should -Be 60
        Invoke-StreamingQuery 'DELETE FROM detailed_transactions' -Write -WhatIf
        Get-RowCount $connection 'detailed_transactions' | Should -Be 60
    }

    It 'changes with -Write, and says how much' {
        (Invoke-StreamingQuery 'UPDATE users SET city = $1' -ArgumentList Lima -Write).RowsAffected | Should -Be 20
        (Invoke-StreamingQuery 'SELECT DISTINCT city FROM users').city | Should -Be 'Lima'
        Invoke-StreamingQuery 'UPDATE users SET city = NULL RETURNING user_id' -Write | Should -HaveCount 20
        (Invoke-StreamingQuery 'CREATE TABLE querying.extra (id int)' -Write).RowsAffected | Should -BeNullOrEmpty
    }

    It 'takes no value for an argument that is missing' {
        { Invoke-StreamingQuery 'DELETE FROM detailed_transactions WHERE quantity > $1' -Write } | Should -Throw '*no parameter $1*'
        { Invoke-StreamingQuery 'UPDATE users SET city = $1' -Write } | Should -Throw '*no parameter $1*'
        Get-RowCount $connection 'detailed_transactions' | Should -Be 60
        (Invoke-StreamingQuery 'CREATE FUNCTION querying.next(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 + 1 $$' -Write).RowsAffected | Should -BeNullOrEmpty
        (Invoke-StreamingQuery 'CREATE OR REPLACE FUNCTION querying.next(int) RETURNS int RETURN $1 + 1' -Write).RowsAffected | Should -BeNullOrEmpty
        $texts = 'EXPLAIN SELECT ''$1'', E''\'' $1'', $$ $2 $$, $a$ $3 $$ $a$ AS "$4", 1 AS c$5 -- $6' + "`n" + '/* $7 */'
        (Invoke-StreamingQuery $texts).'QUERY PLAN' | Should -Match 'Result'
    }

    It 'keeps what .NET has no value for, however the statement is run' {
        $select = "SELECT 'infinity'::timestamptz AS never, '-infinity'::date AS before, 1e40::numeric AS huge, 'NaN'::numeric AS no_number"
        $null = Invoke-Sql $connection 'CREATE TABLE querying.odd (never timestamptz, before date, huge numeric, no_number numeric)'
        foreach ($row in (Invoke-StreamingQuery $select), (Invoke-StreamingQuery "INSERT INTO querying.odd $select RETURNING *" -Write)) {
            "$($row.never)" | Should -Be 'infinity'
            "$($row.before)" | Should -Be '-infinity'
            "$($row.huge)" | Should -Be ('1' + '0' * 40)
            "$($row.no_number)" | Should -Be 'NaN'
        }
        { Invoke-StreamingQuery 'SHOW server_version; DELETE FROM detailed_transactions' -Write } | Should -Throw
        { Invoke-StreamingQuery 'EXPLAIN SELECT 1; COMMIT; DELETE FROM detailed_transactions' } | Should -Throw
        Get-RowCount $connection 'detailed_transactions' | Should -Be 60
    }

    It 'shows what is no table' {
        (Invoke-StreamingQuery 'SHOW server_version_num').server_version_num | Should -Match '^\d+$'
        (Invoke-StreamingQuery 'EXPLAIN SELECT 1').'QUERY PLAN' | Should -Match 'Result'
    }

    It 'gives errors of the server as ours' {
        { Invoke-StreamingQuery 'SELECT * FROM shoes' } | Should -Throw '*shoes*'
    }
}
