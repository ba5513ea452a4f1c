using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>Makes the rows of one table, straight into the binary COPY format.</summary>
/// <remarks>Not safe for several threads at once: each part of a batch has its own.</remarks>
internal sealed class TableGenerator
{
    // A block is left when less than this is free, so that it hardly ever has to grow.
    private const int BlockMargin = 2048;

    private readonly Dictionary<ForeignKeyModel, ParentLink> _parents = [];
    private ColumnGenerator[]? _written;
    private bool[]? _referredTo;

    public TableGenerator(TableModel table, ExistingRows? existing)
    {
        Table = table;
        Existing = existing;
        Columns = new ColumnGenerator[table.Columns.Count];
        TimeColumnIndex = IndexOf(table, column => column == RowTimestamp.Of(table));
        FirstTimeIndex = IndexOf(table, column => column == RowTimestamp.FirstOf(table));
    }

    public TableModel Table { get; }

    /// <summary>Rows that were there before and may be referred to.</summary>
    public ExistingRows? Existing { get; }

    /// <summary>Those of <see cref="Existing"/> that rows made so far refer to, by their numbers.</summary>
    public IReadOnlyList<int> ExistingReferredTo =>
        _referredTo is { } referred ? [.. Enumerable.Range(0, referred.Length).Where(row => referred[row])] : [];

    /// <summary>One generator per column, in the order of the table; none for what is left to the server.</summary>
    public ColumnGenerator[] Columns { get; }

    private ColumnGenerator[] Written => _written ??= [.. Columns.Where((_, index) => !Table.Columns[index].IsLeftToServer)];

    /// <summary>The unique keys whose values are numbered.</summary>
    public IReadOnlyList<NumberedKey> NumberedKeys { get; set; } = [];

    /// <summary>The unique key whose values are numbered within each parent, or null.</summary>
    public NumberedKey? KeyWithinParent { get; set; }

    /// <summary>Says which rows arrive late; null when none does.</summary>
    public Func<long, bool>? IsLate { get; set; }

    /// <summary>The column that says when a row was created, or -1.</summary>
    public int TimeColumnIndex { get; }

    /// <summary>The earliest time of a row, which its other times follow, or -1.</summary>
    public int FirstTimeIndex { get; }

    /// <summary>The generator of a column, when it is of that type.</summary>
    public TColumn? Column<TColumn>(string name)
        where TColumn : ColumnGenerator
    {
        var index = Table.IndexOf(name);
        return index < 0 ? null : Columns[index] as TColumn;
    }

    /// <summary>The first generator of that type, NULLs or not, that is made already.</summary>
    public TColumn? Find<TColumn>(Func<TColumn, bool> matches)
        where TColumn : ColumnGenerator =>
        Columns.Select(column => column is OptionalColumn optional ? optional.Values : column).OfType<TColumn>().FirstOrDefault(matches);

    /// <summary>
    /// Where chunks without rows of their own refer to those of the first chunk: the table as that chunk makes it. What a row of the
    /// first chunk says, only its own generators know.
    /// </summary>
    public TableGenerator? FirstChunk { get; init; }

    /// <summary>The rows that this chunk makes.</summary>
    public RowRange OwnRows { get; init; }

    /// <summary>Rows of earlier chunks that rows made so far refer to, which only a history has; else null.</summary>
    public HashSet<long>? EarlierReferredTo { get; init; }

    /// <summary>The keys of rows of this batch; the primary key is a single column.</summary>
    public IReadOnlyList<object?> KeysOf(IEnumerable<long> rows)
    {
        var column = Table.IndexOf(Table.PrimaryKey[0]);
        using var block = new RowBlock(256);
        var keys = new List<object?>();
        foreach (var row in rows)
        {
            block.Clear();
            var writer = new RowWriter(block);
            Columns[column].Write(writer, row);
            keys.Add(FieldCodec.Read(Table.Columns[column].Type, block.Buffer.AsSpan(sizeof(int), writer.Position - sizeof(int))));
        }

        return keys;
    }

    /// <summary>The table as the first chunk makes it, where that has made the row; else null.</summary>
    public TableGenerator? FirstChunkOf(long row) =>
        FirstChunk is { } first && (row < OwnRows.From || row >= OwnRows.To) ? first : null;

    /// <summary>Says how parents are picked for a foreign key.</summary>
    public void SetParents(ForeignKeyModel foreignKey, ParentPicker picker, TableGenerator parent)
    {
        var link = Link(foreignKey);
        link.Picker = picker;
        link.Table = parent;
    }

    /// <summary>The way from rows to their parents by a foreign key, which may be set later.</summary>
    public ParentLink Link(ForeignKeyModel foreignKey) =>
        _parents.TryGetValue(foreignKey, out var link) ? link : _parents[foreignKey] = new ParentLink(this, foreignKey);

    /// <summary>True when there are parents that a foreign key can refer to.</summary>
    public bool HasParents(ForeignKeyModel foreignKey) => _parents.TryGetValue(foreignKey, out var link) && link.Picker is not null;

    /// <summary>How parents are picked for a foreign key.</summary>
    public ParentPicker Parents(ForeignKeyModel foreignKey) => _parents[foreignKey].Picker!;

    /// <summary>The table that a foreign key refers to.</summary>
    public TableGenerator ParentTable(ForeignKeyModel foreignKey) => _parents[foreignKey].Table!;

    /// <summary>The parent of a row of this batch or of an existing one; of the latter only where the parent was read too.</summary>
    public long ParentOf(long reference, ForeignKeyModel foreignKey) => Link(foreignKey).ParentOf(reference);

    /// <summary>Writes a column's value of a row of this batch, or of an existing row (see <see cref="ParentPicker"/>).</summary>
    public void WriteValue(RowWriter writer, long reference, int column)
    {
        if (reference >= 0)
        {
            if (EarlierReferredTo is { } earlier && (reference < OwnRows.From || reference >= OwnRows.To))
            {
                earlier.Add(reference);
            }

            (FirstChunkOf(reference) ?? this).Columns[column].Write(writer, reference);
        }
        else if (reference == ParentPicker.None)
        {
            writer.WriteNull();
        }
        else
        {
            var row = (int)~reference;
            (_referredTo ??= new bool[Existing!.KnownCount])[row] = true;
            Existing!.CopyField(writer, row, column);
        }
    }

    /// <summary>When a row was created, microseconds since 2000-01-01; null when it is not known.</summary>
    public long? TimeOf(long reference) => TimeColumnIndex < 0 ? null : TimeOf(TimeColumnIndex, reference);

    /// <summary>The time that a column has in a row of this batch, or in an existing row; null when it is not known, or NULL.</summary>
    public long? TimeOf(int column, long reference) => reference switch
    {
        ParentPicker.None => null,
        < 0 => Existing!.Time((int)~reference, column),
        _ => (FirstChunkOf(reference) ?? this).TimeAt(column, reference),
    };

    /// <summary>The time that a column has in a row of this batch; null when it is not known, or NULL.</summary>
    public long? TimeAt(int column, long row) => Columns[column] switch
    {
        TimeColumn time => time.At(row),
        ITimed other => other.TimeAt(row),
        _ => null,
    };

    /// <summary>Writes rows from <paramref name="from"/> on until the block is full or <paramref name="to"/> is reached.</summary>
    /// <param name="writer">Gets the rows.</param>
    /// <param name="from">The first row.</param>
    /// <param name="to">The row after the last one.</param>
    /// <param name="grow">True when the block grows instead of being full.</param>
    /// <returns>The row after the last one written.</returns>
    public long Fill(RowWriter writer, long from, long to, bool grow = false)
    {
        var columns = Written;
        var limit = grow ? int.MaxValue : writer.Block.Buffer.Length - BlockMargin;
        var row = from;
        while (row < to && writer.Position < limit)
        {
            writer.BeginRow(columns.Length);
            foreach (var column in columns)
            {
                column.Write(writer, row);
            }

            writer.EndRow();
            row++;
        }

        return row;
    }

    private static int IndexOf(TableModel table, Func<ColumnModel, bool> matches)
    {
        for (var index = 0; index < table.Columns.Count; index++)
        {
            if (matches(table.Columns[index]))
            {
                return index;
            }
        }

        return -1;
    }
}
