using System.Buffers.Binary;
using System.Collections.Concurrent;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>Rows that exist already (in the database, or in a pipeline) and that new rows may refer to.</summary>
internal sealed class ExistingRows : IDisposable
{
    // A date may lie beyond all timestamps.
    private const int FarthestDay = 100_000_000;

    private readonly RowBlock _block = new();
    private readonly RowWriter _writer;
    private readonly List<int> _fields = [];
    private readonly ConcurrentDictionary<string, (KeyIndex Keys, IReadOnlyList<int> Rows)> _byKey = new(StringComparer.Ordinal);

    /// <summary>No rows yet.</summary>
    public ExistingRows(TableModel table)
    {
        ArgumentNullException.ThrowIfNull(table);
        Table = table;
        _writer = new RowWriter(_block);
    }

    /// <summary>The table they are rows of.</summary>
    public TableModel Table { get; }

    /// <summary>Number of rows that new rows may refer to.</summary>
    public int Count { get; private set; }

    /// <summary>Number of rows, those included that are only known because others refer to them.</summary>
    public int KnownCount => _fields.Count / Table.Columns.Count;

    /// <summary>Adds a row: one value per column of the table; columns that nobody refers to may be null.</summary>
    public void Add(params ReadOnlySpan<object?> values)
    {
        if (KnownCount > Count)
        {
            throw new InvalidOperationException("Rows to refer to come before those that are only known.");
        }

        AddKnown(values);
        Count++;
    }

    /// <summary>Adds a row that other existing rows refer to, so that its values can be looked up.</summary>
    public void AddKnown(params ReadOnlySpan<object?> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Table.Columns.Count);
        for (var column = 0; column < values.Length; column++)
        {
            _fields.Add(_writer.Position);
            FieldCodec.Write(_writer, Table.Columns[column].Type, values[column]);
        }

        _writer.EndRow();
    }

    /// <summary>Copies a field, its length before it, to a row that is being written.</summary>
    public void CopyField(RowWriter writer, int row, int column)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (IsNull(row, column))
        {
            writer.WriteNull();
        }
        else
        {
            writer.WriteBytes(Field(row, column));
        }
    }

    /// <summary>A timestamp or a date, in microseconds since 2000-01-01, or null when the field is NULL, or infinite.</summary>
    public long? Time(int row, int column)
    {
        var field = Field(row, column);
        return (IsNull(row, column), field.Length) switch
        {
            (false, 8) when BinaryPrimitives.ReadInt64BigEndian(field) is var time and not (long.MaxValue or long.MinValue) => time,
            (false, 4) when BinaryPrimitives.ReadInt32BigEndian(field) is var day and not (int.MaxValue or int.MinValue) =>
                Math.Clamp(day, -FarthestDay, FarthestDay) * PostgresTime.Day,
            _ => null,
        };
    }

    /// <summary>The value of a field.</summary>
    public object? Value(int row, int column) =>
        IsNull(row, column) ? null : FieldCodec.Read(Table.Columns[column].Type, Field(row, column));

    /// <summary>The primary keys of rows as a parameter, which a query takes by <see cref="KeysSql"/>; the key is a single column.</summary>
    internal NpgsqlParameter Keys(IEnumerable<int> rows) => Values(Table.PrimaryKey[0], rows);

    /// <summary>The values of a column as a parameter, which a query takes as <see cref="ColumnSql.ArrayParameter"/>.</summary>
    internal NpgsqlParameter Values(string name) => Values(name, Enumerable.Range(0, Count));

    private NpgsqlParameter Values(string name, IEnumerable<int> rows)
    {
        var column = Table.IndexOf(name);
        return ServerValue.Array(Table.Columns[column].Type, [.. rows.Select(row => Value(row, column))]);
    }

    /// <summary>SQL of the array that <see cref="Keys"/> is.</summary>
    internal string KeysSql(string schema, int number) =>
        ColumnSql.ArrayParameter(schema, Table.Column(Table.PrimaryKey[0]).Type, number);

    /// <summary>The row that a row of another table refers to by a foreign key; null when it is not among these.</summary>
    internal int? Find(ExistingRows child, int row, ForeignKeyModel key)
    {
        var (keys, rows) = _byKey.GetOrAdd(string.Join(',', key.ParentColumns), _ => IndexBy(key.ParentColumns));
        using var bytes = new RowBlock(256);
        var number = keys.Find(child.KeyOf(new RowWriter(bytes), row, key.Columns));
        return number < 0 ? null : rows[number];
    }

    private (KeyIndex Keys, IReadOnlyList<int> Rows) IndexBy(IReadOnlyList<string> columns)
    {
        var keys = new KeyIndex();
        var rows = new List<int>();
        using var bytes = new RowBlock(256);
        for (var row = 0; row < KnownCount; row++)
        {
            // A row that is to be referred to may be known for another reason too: the first place counts.
            if (keys.Add(KeyOf(new RowWriter(bytes), row, columns)) == rows.Count)
            {
                rows.Add(row);
            }
        }

        return (keys, rows);
    }

    private ReadOnlySpan<byte> KeyOf(RowWriter writer, int row, IReadOnlyList<string> columns)
    {
        foreach (var place in columns.Select(Table.IndexOf))
        {
            var start = writer.Position;
            CopyField(writer, row, place);
            ComparableKey.Apply(writer, start, Table.Columns[place].Type);
        }

        return writer.Block.Buffer.AsSpan(0, writer.Position);
    }

    private bool IsNull(int row, int column) =>
        BinaryPrimitives.ReadInt32BigEndian(_block.Buffer.AsSpan(_fields[(row * Table.Columns.Count) + column])) < 0;

    private ReadOnlySpan<byte> Field(int row, int column)
    {
        var start = _fields[(row * Table.Columns.Count) + column];
        var length = BinaryPrimitives.ReadInt32BigEndian(_block.Buffer.AsSpan(start));
        return length < 0 ? [] : _block.Buffer.AsSpan(start + 4, length);
    }

    /// <inheritdoc/>
    public void Dispose() => _block.Dispose();
}
