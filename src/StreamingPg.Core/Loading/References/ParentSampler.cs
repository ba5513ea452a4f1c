using System.Buffers.Binary;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Picks existing rows as parents in a time that does not depend on the table's size: random places of the table file are
/// looked up (ctid), some in each of a few blocks; no index is read and no row skipped over.
/// </summary>
/// <remarks>The places depend on the seed and the number of blocks, so the same rows in the same places give the same parents
/// for the same seed.</remarks>
internal sealed class ParentSampler
{
    // This many are picked from one block, as far as it has them. In a large table each block that no batch touched lately is read
    // from the disk and, changed for the first time since a checkpoint, written to the WAL whole; and rows created together
    // have their keys, and so the entries of their children, in the same blocks of the indexes.
    private const int Neighbours = 8;

    // This many blocks are tried if the first few were empty.
    private const int ScatteredPlaces = 64;

    // Every place of so few blocks is looked up: random places would miss most rows of a small table.
    private const int SmallTableBlocks = 2;

    // Rows of a partitioned table come from this number of partitions at most: each that is opened takes its share of time and locks.
    private const int MostPartitions = 4;

    // Rows of a distributed table are those after this number of keys: each key goes to all shards.
    private const int MostPivots = 2;

    private readonly TableModel _table;
    private readonly int _wanted;
    private readonly GenerationSettings _settings;
    private readonly CountedRandom _random;
    private readonly List<object?[]> _found = [];
    private readonly List<PeriodPartition> _partitions = [];
    private readonly List<object> _ends = [];
    private long _blocks;

    /// <param name="table">The table.</param>
    /// <param name="count">Maximum rows to pick.</param>
    /// <param name="settings">Seed; rows created after the reference time are not picked.</param>
    public ParentSampler(TableModel table, int count, GenerationSettings settings)
    {
        _table = table;
        _wanted = Math.Min(count, ParentChoice.MaxExisting);
        _settings = settings;
        _random = CountedRandom.FromSeed(settings.Seed).Derive("existing").Derive(table.Name);
    }

    /// <summary>The time by which the table is partitioned; null for another table.</summary>
    private ColumnModel? PartitionTime => _table.Layout.Partition is { } partition && _table.HasColumn(partition.Column)
        && _table.Column(partition.Column) is { } column && (column.Type.IsTimestamp || column.Type.Kind == ColumnKind.Date) ? column : null;

    /// <summary>True to lock the rows FOR KEY SHARE, so that nobody deletes them before the transaction ends.</summary>
    public bool LockRows { get; init; }

    /// <summary>Picks rows, in a round trip of their own.</summary>
    public async Task<ExistingRows> SampleAsync(Session session, CancellationToken cancellationToken)
    {
        var commands = session.NewCommands();
        Ask(commands, session.Schema);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        var rows = new ExistingRows(_table);
        foreach (var values in await GetRowsAsync(session, cancellationToken).ConfigureAwait(false))
        {
            rows.Add(values);
        }

        return rows;
    }

    /// <summary>Asks for rows.</summary>
    /// <param name="commands">The round trip to ask with.</param>
    /// <param name="schema">Schema of the table.</param>
    public void Ask(CommandBatch commands, string schema)
    {
        var name = Identifier.Quote(schema, _table.Name);
        if (_table.Layout.Distribution is not null)
        {
            AskForEnds(commands, name);
            return;
        }

        if (PartitionTime is not null)
        {
            PartitionReader.Ask(commands, schema, [_table.Name], _partitions.Add);
            return;
        }

        commands.Query(
            "SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint",
            row => _blocks = row.GetInt64(0),
            Parameter.Of(name));

        // Some places hold no row, or the same one twice.
        AskForPlaces(commands, name, _random, (_wanted * 5 / 4) + 4, Neighbours);
    }

    /// <summary>The first and the last key: shards have no places of their own, and rows are found by the key on all of them.</summary>
    private void AskForEnds(CommandBatch commands, string name)
    {
        var key = Identifier.Quote(_table.PrimaryKey.DefaultIfEmpty(_table.Columns[0].Name).First());
        foreach (var direction in (string[])["ASC", "DESC"])
        {
            commands.Query($"SELECT {key} FROM {name} ORDER BY {key} {direction} LIMIT 1", row => _ends.Add(row.GetValue(0)));
        }
    }

    /// <summary>Takes the rows that follow a few keys between the first and the last. Foreign keys lock them, where Citus has these.</summary>
    private async Task LookIntoShardsAsync(Session session, CancellationToken cancellationToken)
    {
        var pivots = _ends.Count < 2 ? [] : Enumerable.Range(0, MostPivots).Select(draw => KeyBetween(_ends[0], _ends[1], _random.Derive("pivot").Fraction(draw)))
            .OfType<NpgsqlParameter>().ToList();
        var key = Identifier.Quote(_table.PrimaryKey.DefaultIfEmpty(_table.Columns[0].Name).First());
        var commands = session.NewCommands();
        foreach (var pivot in pivots)
        {
            commands.Query(
                $"{SelectSql(session.Quote(_table.Name))} WHERE {MayHaveChildrenSql} AND {key} >= $1 ORDER BY {key} LIMIT $3",
                Remember,
                pivot,
                Parameter.Timestamp(_settings.ReferenceTime),
                Parameter.Of((_wanted / MostPivots) + 1));
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (_found.Count == 0 && _ends.Count > 0)
        {
            await session.QueryAsync(
                $"{SelectSql(session.Quote(_table.Name))} WHERE {MayHaveChildrenSql} LIMIT $1",
                Remember,
                cancellationToken,
                Parameter.Of(_wanted),
                Parameter.Timestamp(_settings.ReferenceTime)).ConfigureAwait(false);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var places = _table.PrimaryKey.Select(_table.IndexOf).ToList();
        _found.RemoveAll(row => places.Count > 0 && !seen.Add(string.Join('\u001f', places.Select(place => ValueText.Of(row[place]!)))));
    }

    /// <summary>A key at a fraction of the way between two, where keys are numbers or UUIDs; null for others.</summary>
    private static NpgsqlParameter? KeyBetween(object first, object last, double fraction)
    {
        switch (first, last)
        {
            case (Guid low, Guid high):
                var bytes = low.ToByteArray(bigEndian: true);
                var (from, to) = (BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(high.ToByteArray(bigEndian: true)));
                BinaryPrimitives.WriteUInt64BigEndian(bytes, from + (ulong)((to - from) * fraction));
                return Parameter.Of(new Guid(bytes, bigEndian: true));
            case (long low, long high):
                return Parameter.Of(low + (long)(((double)high - low) * fraction));
            case (int low, int high):
                return Parameter.Of(low + (int)(((double)high - low) * fraction));
            default:
                return null;
        }
    }

    /// <summary>Looks places up in a few partitions; a larger one is chosen more often. Only these are opened, and not all that the table has.</summary>
    private async Task LookIntoPartitionsAsync(Session session, CancellationToken cancellationToken)
    {
        var leaves = _partitions.FindAll(partition => partition is { IsLeaf: true, Blocks: > 0, Period: not null });
        var commands = session.NewCommands();
        var chosen = Enumerable.Range(0, leaves.Count == 0 ? 0 : MostPartitions).Select(draw => Weighted(leaves, _random.Derive("partition").Fraction(draw)))
            .GroupBy(partition => partition);
        foreach (var draws in chosen)
        {
            AskForPlaces(
                commands, session.Quote(_table.Name), _random.Derive(draws.Key.Name), (_wanted * draws.Count() * 5 / (4 * MostPartitions)) + 4, Neighbours, draws.Key);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (_found.Count == 0)
        {
            await TakeAnyAsync(session, cancellationToken).ConfigureAwait(false);
        }
    }

    private static PeriodPartition Weighted(List<PeriodPartition> partitions, double fraction)
    {
        var place = fraction * partitions.Sum(partition => (double)partition.Blocks);
        foreach (var partition in partitions)
        {
            place -= partition.Blocks;
            if (place < 0)
            {
                return partition;
            }
        }

        return partitions[^1];
    }

    private void AskForPlaces(CommandBatch commands, string name, CountedRandom random, int draws, int perBlock, PeriodPartition? partition = null)
    {
        var rowsOfBlock = RowsPerBlock(_table);
        var items = random.Derive("item");
        var time = partition is null ? null : PartitionTime;
        List<NpgsqlParameter> parameters =
        [
            Parameter.Of(partition is null ? name : Identifier.Quote(partition.Schema, partition.Name)),
            Parameter.Timestamp(_settings.ReferenceTime),
            Parameter.Of(Enumerable.Range(0, draws).Select(draw => random.Fraction(draw / perBlock)).ToArray()),
            Parameter.Of(Enumerable.Range(0, draws).Select(draw => 1 + (int)items.Below(draw, rowsOfBlock)).ToArray()),
            Parameter.Of(rowsOfBlock),
        ];
        if (time is not null)
        {
            parameters.Add(Parameter.Time(time, partition!.Period!.Value.From));
            parameters.Add(Parameter.Time(time, partition.Period.Value.To));
        }

        commands.Query(RandomPlacesSql(name, time), Remember, [.. parameters]);
    }

    /// <summary>The rows, once the round trip has been made.</summary>
    public async Task<IReadOnlyList<object?[]>> GetRowsAsync(Session session, CancellationToken cancellationToken)
    {
        if (_table.Layout.Distribution is not null)
        {
            await LookIntoShardsAsync(session, cancellationToken).ConfigureAwait(false);
        }
        else if (PartitionTime is not null)
        {
            await LookIntoPartitionsAsync(session, cancellationToken).ConfigureAwait(false);
        }
        else if (_blocks > SmallTableBlocks && _found.Count == 0)
        {
            // Empty blocks only, as a large deletion leaves them.
            var name = session.Quote(_table.Name);
            var scattered = session.NewCommands();
            AskForPlaces(scattered, name, _random.Derive("scattered"), ScatteredPlaces, perBlock: 1);
            await scattered.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            if (_found.Count == 0)
            {
                await TakeAnyAsync(session, cancellationToken).ConfigureAwait(false);
            }
        }

        return Choose();
    }

    /// <summary>The first rows there are will do.</summary>
    private Task TakeAnyAsync(Session session, CancellationToken cancellationToken) => session.QueryAsync(
        AnyRowsSql(session.Quote(_table.Name)), Remember, cancellationToken, Parameter.Of(_wanted), Parameter.Timestamp(_settings.ReferenceTime));

    private void Remember(NpgsqlDataReader row) => _found.Add(ParentSql.Values(_table, row));

    /// <summary>Shuffles what was found, since it comes in the order of the table, and keeps as many as are wanted.</summary>
    private IReadOnlyList<object?[]> Choose()
    {
        var order = _random.Derive("order");
        for (var index = _found.Count - 1; index > 0; index--)
        {
            var other = (int)order.Below(index, index + 1);
            (_found[index], _found[other]) = (_found[other], _found[index]);
        }

        return [.. _found.Take(_wanted)];
    }

    private string SelectSql(string name) =>
        $"SELECT {string.Join(", ", _table.Columns.Select(column => ServerValue.SelectSql(column.Type, Identifier.Quote(column.Name))))} FROM {name}";

    /// <summary>$1 table, $2 reference time, $3 fractions of the table, $4 row numbers in a block, $5 rows that a block may hold.</summary>
    /// <remarks>Of a partition, $1 is its name, and $6 and $7 are its bounds.</remarks>
    private string RandomPlacesSql(string name, ColumnModel? time) =>
        $"""
        {SelectSql(name)}
        WHERE ctid = ANY (ARRAY(
            WITH size AS (SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint AS blocks)
            SELECT format('(%s,%s)', floor(draw.fraction * size.blocks)::bigint, draw.item)::tid
            FROM size, unnest($3, $4) AS draw (fraction, item)
            WHERE size.blocks > {SmallTableBlocks}
            UNION ALL
            SELECT format('(%s,%s)', block, item)::tid
            FROM size, generate_series(0, size.blocks - 1) AS block, generate_series(1, $5) AS item
            WHERE size.blocks <= {SmallTableBlocks}))
        AND {MayHaveChildrenSql}{(time is null ? "" : $" AND {Identifier.Quote(time.Name)} >= $6 AND {Identifier.Quote(time.Name)} < $7")}
        {LockSql}
        """;

    /// <summary>$1 most rows, $2 reference time.</summary>
    private string AnyRowsSql(string name) =>
        $"{SelectSql(name)} WHERE {MayHaveChildrenSql} LIMIT $1 {LockSql}";

    private string MayHaveChildrenSql => ParentSql.MayHaveChildren(_table, null, 2);

    private string LockSql => LockRows ? "FOR KEY SHARE" : "";

    /// <summary>About how many rows a block of 8 KiB holds. Taken from the model and not from statistics, which change by
    /// themselves: the same seed must find the same rows.</summary>
    private static int RowsPerBlock(TableModel table)
    {
        const int UsableBytes = 8168;
        const int RowOverhead = 32;
        var bytes = RowOverhead + table.Columns.Sum(column => column.Type.Kind switch
        {
            ColumnKind.Uuid => 16,
            ColumnKind.Integer or ColumnKind.Serial or ColumnKind.Real or ColumnKind.Date => 4,
            ColumnKind.SmallInteger or ColumnKind.SmallSerial => 2,
            ColumnKind.Boolean => 1,
            ColumnKind.Interval => 16,
            ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char => Math.Min(column.Type.Length ?? 16, 16),
            _ => 8,
        });
        return Math.Clamp(UsableBytes / bytes, 1, 255);
    }
}
