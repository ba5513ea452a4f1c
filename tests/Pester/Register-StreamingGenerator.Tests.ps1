BeforeAll {
    . $PSScriptRoot/Common.ps1
    $metadata = Join-Path $TestDrive 'orders.json'
    Set-Content $metadata '{"orders": {"columns": {"id": {"type": "UUID", "primary_key": true}, "country": {"type": "TEXT", "values": ["DE", "FR"]},
        "reference": {"type": "TEXT", "generator": {"kind": "test.reference", "prefix": "A"}}, "note": {"type": "TEXT"}}}}'
    Register-StreamingGenerator test.reference -Description 'a reference' {
        param($rows, $random) foreach ($row in $rows) { "$($rows.Arguments['prefix'])-$($row['country'])-$($row.Number)-$($random.Next(1000))" }
    }
}

Describe 'Register-StreamingGenerator' {
    It 'lets metadata name a script block, the same values for a seed' {
        $rows = @(New-StreamingRow -Table orders -Count 5 -Metadata $metadata -Seed 1)
        $rows | ForEach-Object { $_.reference | Should -Match "^A-$($_.country)-\d-\d+$" }
        $rows[4].reference | Should -BeLike '*-5-*'
        (New-StreamingRow -Table orders -Count 5 -Metadata $metadata -Seed 1).reference | Should -Be $rows.reference
        (New-StreamingRow -Table orders -Count 5 -Metadata $metadata -Seed 2).reference | Should -Not -Be $rows.reference
    }

    It 'is listed with the built-in ones, and has samples' {
        $own = Get-StreamingGenerator test.*
        $own.IsOwn | Should -BeTrue
        $own.Description | Should -Be 'a reference'
        $all = Get-StreamingGenerator
        $all.Name | Should -Contain 'test.reference'
        ($all | Where-Object Name -EQ 'person.full_name').Samples | Should -HaveCount 3
        (Get-StreamingGenerator finance.iban).Arguments.Name | Should -Contain 'country'
        (Get-StreamingLocale).Name | Should -Contain 'de'
        { Get-StreamingGenerator person.fullname } | Should -Throw -ErrorId 'GeneratorUnknown*'
    }

    It 'rejects names of built-in generators' {
        { Register-StreamingGenerator person.full_name { } } | Should -Throw -ErrorId 'GeneratorInvalid*'
    }

    It 'does not mix up sessions' {
        Invoke-FreshPowerShell "Import-Module '$manifest'; New-StreamingRow -Table orders -Metadata '$metadata'" | Out-String | Should -BeLike '*there is no generator "test.reference"*'
    }
}

Describe 'Generator of a column' {
    BeforeAll {
        $connection = Connect-StreamingDatabase -Schema 'own_generators'
        $null = Invoke-Sql $connection 'DROP SCHEMA IF EXISTS own_generators CASCADE'
        $null = Initialize-StreamingSchema -Metadata $metadata
    }

    It 'runs in the pipeline with its variables, whatever the chunks and connections' {
        $word = 'kept'
        $generator = @{ 'orders.note' = { param($rows, $random) $rows.ForEach{ "$word $($_.Number) $($random.Next(100))" } } }
        $null = Invoke-StreamingBatch -Metadata $metadata -Rows @{ orders = 5000 } -Seed 7 -ReferenceTime 2026-01-01 -ChunkSize 700 -Parallel 3 -Generator $generator
        Invoke-Sql $connection 'SELECT count(DISTINCT note) FROM own_generators.orders' | Should -Be 5000
        $expected = (New-StreamingRow -Table orders -Count 5000 -Metadata $metadata -Seed 7 -ReferenceTime 2026-01-01 -Generator $generator).note
        $expected[0] | Should -BeLike 'kept 1 *'
    }

    It 'runs in a stream' {
        $null = Invoke-StreamingBatch -Continuous -MaxBatches 3 -Interval 50ms -Metadata $metadata -Rows @{ orders = 4 } -Generator @{
            'orders.note' = { param($rows) @('streamed') * $rows.Count }
        }
        Invoke-Sql $connection "SELECT count(*) FROM own_generators.orders WHERE note = 'streamed'" | Should -Be 12
    }

    It 'tells what a script block does wrong, and loads nothing' {
        $before = Get-RowCount $connection 'orders'
        { Invoke-StreamingBatch -Metadata $metadata -Rows @{ orders = 3 } -Generator @{ 'orders.note' = { throw 'no luck' } } } |
            Should -Throw '*The generator "orders.note" failed: no luck*' -ErrorId 'GeneratorFailed*'
        { Invoke-StreamingBatch -Metadata $metadata -Rows @{ orders = 3 } -Generator @{ 'orders.note' = { 'one' } } } |
            Should -Throw '*it made 1 values for 3 rows*'
        { Invoke-StreamingBatch -Metadata $metadata -Rows @{ orders = 3 } -Generator @{ 'orders.nope' = { 'one' } } } |
            Should -Throw -ErrorId 'GeneratorInvalid*'
        { Invoke-StreamingBatch -Metadata $metadata -Continuous -AsJob -Generator @{ 'orders.note' = { 'one' } } } |
            Should -Throw '*-AsJob has none*'
        Get-RowCount $connection 'orders' | Should -Be $before
    }
}

Describe 'GeneratorPath' {
    It 'loads generators of an assembly' {
        $dll = Join-Path $TestDrive 'Generators.dll'
        Add-Type -OutputAssembly $dll -ReferencedAssemblies ([StreamingPg.GeneratorRows].Assembly.Location), 'System.Runtime', 'System.Collections', 'System.Linq', 'netstandard' -TypeDefinition @'
            using System; using System.Collections.Generic; using System.Linq;
            public sealed class Reference : StreamingPg.IStreamingGenerator
            {
                public string Name => "dll.reference";
                public string Description => "reference of an assembly";
                public IReadOnlyList<object> Generate(StreamingPg.GeneratorRows rows, Random random) =>
                    rows.Select(row => (object)("D" + row.Number + "-" + row["country"])).ToList();
            }
'@
        $rows = New-StreamingRow -Table orders -Count 3 -Metadata $metadata -GeneratorPath $dll -Generator @{ 'orders.note' = 'dll.reference' }
        $rows | ForEach-Object { $_.note | Should -Match "^D\d-$($_.country)$" }
        (Get-StreamingGenerator dll.* -GeneratorPath $dll).Description | Should -Be 'reference of an assembly'
        { Get-StreamingGenerator -GeneratorPath ./nope.dll } | Should -Throw '*there is no such file*' -ErrorId 'GeneratorInvalid*'
        { Get-StreamingGenerator -GeneratorPath $metadata } | Should -Throw '*it is not a .NET assembly*' -ErrorId 'GeneratorInvalid*'
    }
}
