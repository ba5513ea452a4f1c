using Parquet;
using Parquet.Schema;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>Parquet files: rows are gathered column by column, and written as a row group when there are enough.</summary>
internal sealed class ParquetFiles : TableFiles
{
    // What a reader takes in at once, and this process keeps in memory, twice: one group is gathered while the other is written.
    private const int RowsOfGroup = 50_000;
    private const long BytesOfGroup = 32 << 20;

    private readonly long _mostBytes;
    private readonly ParquetOptions _options;
    private readonly ParquetSchema _schema;
    private ParquetColumn[] _columns;
    private ParquetColumn[] _others;
    private ParquetWriter? _writer;
    private Task _writing = Task.CompletedTask;
    private int _rows;
    private long _bytes;

    /// <summary>No file yet.</summary>
    public ParquetFiles(TableModel table, ExportOptions options, long mostBytes = BytesOfGroup)
        : base(table, options)
    {
        _mostBytes = mostBytes;
        _options = new ParquetOptions
        {
            CompressionMethod = options.Compression switch
            {
                ExportCompression.Gzip => CompressionMethod.Gzip,
                ExportCompression.Zstd => CompressionMethod.Zstd,
                _ => CompressionMethod.None,
            },
        };
        _columns = [.. table.WrittenColumns.Select(column => ParquetColumn.Of(table, column))];
        _others = [.. table.WrittenColumns.Select(column => ParquetColumn.Of(table, column))];
        _schema = new ParquetSchema(_columns.Select(column => (Field)column.Field).ToList());
    }

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken) =>
        _writer = await ParquetWriter.CreateAsync(_schema, Stream, _options, append: false, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    protected override async Task AddAsync(SharedBlock block, int skip, int take, CancellationToken cancellationToken)
    {
        using (block)
        {
            Read(block.Block, skip, take);
        }

        if (_rows >= RowsOfGroup || _bytes >= _mostBytes)
        {
            await WriteGroupAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_rows > 0)
        {
            await WriteGroupAsync(cancellationToken).ConfigureAwait(false);
        }

        await _writing.ConfigureAwait(false);
        await AbandonAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async ValueTask AbandonAsync()
    {
        await Task.WhenAny(_writing).ConfigureAwait(false);
        if (_writer is { } writer)
        {
            _writer = null;
            await writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Read(RowBlock block, int skip, int take)
    {
        var reader = new RowReader(block);
        while (skip-- > 0)
        {
            reader.SkipRow();
        }

        for (var row = 0; row < take && reader.NextRow(); row++)
        {
            foreach (var column in _columns)
            {
                var field = reader.NextField(out var isNull);
                _bytes += column.Add(field, isNull);
            }
        }

        _rows += take;
    }

    /// <summary>Has the rows gathered written by another thread; the next ones are gathered meanwhile.</summary>
    private async Task WriteGroupAsync(CancellationToken cancellationToken)
    {
        await _writing.ConfigureAwait(false);
        var (columns, writer) = (_columns, _writer!);
        (_columns, _others) = (_others, _columns);
        (_rows, _bytes) = (0, 0);
        _writing = Task.Run(
            async () =>
            {
                using var group = writer.CreateRowGroup();
                foreach (var (column, field) in columns.Zip(_schema.DataFields))
                {
                    await column.WriteAsync(group, field, cancellationToken).ConfigureAwait(false);
                }
            },
            CancellationToken.None);
    }
}
