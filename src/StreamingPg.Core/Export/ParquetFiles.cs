using Parquet;
using Parquet.Schema;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>Parquet files: rows are gathered column by column, and written as a row group when there are enough.</summary>
internal sealed class ParquetFiles : TableFiles
{
    // What a reader takes in at once, and this process keeps in memory.
    private const int RowsOfGroup = 100_000;

    private readonly ParquetOptions _options;
    private readonly ParquetColumn[] _columns;
    private readonly ParquetSchema _schema;
    private ParquetWriter? _writer;
    private int _rows;

    /// <summary>No file yet.</summary>
    public ParquetFiles(TableModel table, ExportOptions options)
        : base(table, options)
    {
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

        if (_rows >= RowsOfGroup)
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

        await AbandonAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async ValueTask AbandonAsync()
    {
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
                column.Add(field, isNull);
            }
        }

        _rows += take;
    }

    private async Task WriteGroupAsync(CancellationToken cancellationToken)
    {
        using var group = _writer!.CreateRowGroup();
        foreach (var column in _columns)
        {
            await column.WriteAsync(group, cancellationToken).ConfigureAwait(false);
        }

        _rows = 0;
    }
}
