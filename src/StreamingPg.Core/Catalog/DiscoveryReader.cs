using Npgsql;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>Reads the catalogs of a schema.</summary>
internal sealed class DiscoveryReader
{
    private readonly Dictionary<string, DiscoveredTable> _tables = new(StringComparer.Ordinal);
    private readonly List<UserTypeModel> _types = [];

    private DiscoveryReader()
    {
    }

    /// <summary>Reads a schema; null when there is none of that name.</summary>
    /// <param name="open">A connection with a transaction, whose settings are changed.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<DiscoveredSchema?> ReadAsync(NpgsqlConnection open, string schema, CancellationToken cancellationToken)
    {
        var settings = new CommandBatch(open);
        settings.Query(DiscoveryQueries.Settings, _ => { });
        await settings.ExecuteAsync(cancellationToken).ConfigureAwait(false);

        var reader = new DiscoveryReader();
        var exists = false;
        var commands = new CommandBatch(open);
        foreach (var (sql, read) in ((string, Action<NpgsqlDataReader>)[])
        [
            (DiscoveryQueries.Schema, row => exists = row.GetInt64(0) > 0),
            (DiscoveryQueries.Types, reader.ReadType),
            (DiscoveryQueries.Tables, reader.ReadTable),
            (DiscoveryQueries.Columns, reader.ReadColumn),
            (DiscoveryQueries.ForeignKeys, reader.ReadForeignKey),
            (DiscoveryQueries.Indexes, reader.ReadIndex),
            (DiscoveryQueries.Checks, reader.ReadCheck),
            (DiscoveryQueries.Partitions, reader.ReadPartition),
        ])
        {
            commands.QueryWithOtherPath(sql, read, Parameter.Of(schema), Parameter.Of(Identifier.Quote(schema)));
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        reader._tables.Remove(LedgerTable.Name);
        return exists ? new DiscoveredSchema([.. reader._tables.Values], reader._types) : null;
    }

    private void ReadType(NpgsqlDataReader row)
    {
        var type = new UserTypeModel
        {
            Name = row.GetString(0),
            Labels = row.GetFieldValue<string[]>(1),
            Base = Text(row, 2) is { } name ? FindType(name) : null,
            IsNullable = row.GetBoolean(3),
            Checks = row.GetFieldValue<string[]>(4),
        };

        // A domain over what metadata does not have is not there for it either.
        if (type.Labels.Count > 0 || type.Base is not null)
        {
            _types.Add(type);
        }
    }

    private ColumnType? FindType(string name) => ColumnType.TryParse(name, _types, out var type, out _) ? type : null;

    private void ReadTable(NpgsqlDataReader row) => _tables.Add(
        row.GetString(0),
        new DiscoveredTable(row.GetString(0), row.GetString(1), Text(row, 2))
        {
            CanSelect = row.GetBoolean(3),
            CanInsert = row.GetBoolean(4),
            HasInsertTrigger = row.GetBoolean(5),
        });

    private void ReadColumn(NpgsqlDataReader row) => Table(row).Columns.Add(
        new DiscoveredColumn(row.GetString(1), row.GetString(2), FindType(row.GetString(2)))
        {
            IsNullable = row.GetBoolean(3),
            Identity = row.GetString(4) switch { "a" => IdentityKind.Always, "d" => IdentityKind.ByDefault, _ => null },
            HasSequence = row.GetBoolean(5),
            Expression = Text(row, 6),
            IsGenerated = row.GetBoolean(7),
            Comment = Text(row, 8),
        });

    private void ReadForeignKey(NpgsqlDataReader row) => Table(row).ForeignKeys.Add(new DiscoveredForeignKey(
        row.GetString(1),
        row.GetFieldValue<string[]>(2),
        row.GetString(3),
        row.GetString(4),
        row.GetFieldValue<string[]>(5),
        IsDeferrable: row.GetBoolean(6)));

    private void ReadIndex(NpgsqlDataReader row) => Table(row).Indexes.Add(
        new DiscoveredIndex(row.GetString(1), row.GetFieldValue<string[]>(2))
        {
            IsPrimaryKey = row.GetBoolean(3),
            IsUnique = row.GetBoolean(4),
            IsPlain = row.GetBoolean(5),
            NullsEqual = row.GetBoolean(6),
            Keys = row.GetFieldValue<string[]>(7),
            Predicate = Text(row, 8),
        });

    private void ReadCheck(NpgsqlDataReader row) =>
        Table(row).Checks.Add(new DiscoveredCheck(row.GetString(1), row.GetString(2), IsExclusion: row.GetBoolean(3)));

    private void ReadPartition(NpgsqlDataReader row) =>
        Table(row).Partitions.Add(new DiscoveredPartition(row.GetString(1), Text(row, 2), IsDefault: row.GetBoolean(3)));

    private DiscoveredTable Table(NpgsqlDataReader row) => _tables[row.GetString(0)];

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
