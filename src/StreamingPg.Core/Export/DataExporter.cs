using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Files;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>Writes the rows of a whole model to files: those that a batch would load into empty tables, or those of a database.</summary>
internal static class DataExporter
{
    // The number that the first batch of a schema has: its rows are those of the export with the same seed.
    private const long FirstBatch = 1;

    private const int ChunksAtATime = 2;

    /// <summary>Writes the rows that a first batch of the same seed and counts would load into empty tables, without a database.</summary>
    /// <param name="model">The tables.</param>
    /// <param name="batch">How many rows, and which values.</param>
    /// <param name="options">Where to, and how.</param>
    /// <param name="schema">Schema that the load script puts the tables in.</param>
    /// <param name="progress">Is told what is being written and how many rows are; null for nobody.</param>
    /// <param name="cancellationToken">Cancels; then the folder keeps the files that it had, and gets none.</param>
    /// <returns>The files, each when it is complete, the script that loads them last.</returns>
    /// <exception cref="StreamingException">An option is out of range, a file exists, or cannot be written.</exception>
    public static async IAsyncEnumerable<ExportedFile> GenerateAsync(
        StreamModel model,
        BatchOptions batch,
        ExportOptions options,
        string schema,
        IProgress<BatchProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new BatchRequest(model, batch with { Rhythm = batch.Rhythm ?? RhythmModel.Of(model, pattern: null, timeZone: null) });
        var sequences = model.Tables.Where(table => table.SequenceColumn is not null)
            .ToDictionary(table => table.Name, _ => new SequenceValues(1, 1), StringComparer.Ordinal);
        var plan = request.Plan(FirstBatch, ExistingParents.None, sequences);
        var tables = model.Tables.Where(table => plan.RowsOf(table.Name) > 0).ToList();
        var counter = progress is null ? null : new BatchProgressCounter(progress, plan.TotalRows);
        await using var export = Begin(tables, options);
        await foreach (var (table, block) in RowsAsync(plan, cancellationToken).ConfigureAwait(false))
        {
            await export.WriteAsync(table, block, counter, cancellationToken).ConfigureAwait(false);
        }

        foreach (var file in await export.CompleteAsync(schema, sequences.Keys, cancellationToken).ConfigureAwait(false))
        {
            yield return file with { Seed = request.Settings.Seed };
        }
    }

    /// <summary>Writes the rows of the tables of a model that are in a database, as one snapshot has them.</summary>
    /// <inheritdoc cref="GenerateAsync"/>
    public static async IAsyncEnumerable<ExportedFile> ReadAsync(
        DatabaseConnection connection,
        StreamModel model,
        TimeSpan statementTimeout,
        ExportOptions options,
        IProgress<BatchProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var session = await ReadOnlySession.BeginAsync(connection, statementTimeout, "exporting rows", cancellationToken).ConfigureAwait(false);
        string[] names = [.. model.Tables.Select(table => table.Name)];
        await session.RunAsync(async open =>
        {
            await RowSecurity.RefuseAsync(open, connection.Schema, names, "Nothing was exported.", cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        await using var export = Begin(model.Tables, options);
        var counter = progress is null ? null : new BatchProgressCounter(progress, totalRows: 0);
        foreach (var table in model.Tables)
        {
            await session.RunAsync(async open =>
            {
                await foreach (var block in CopySource.ReadAsync(open, connection.Schema, table, cancellationToken).ConfigureAwait(false))
                {
                    await export.WriteAsync(table, block, counter, cancellationToken).ConfigureAwait(false);
                }

                return true;
            }).ConfigureAwait(false);
        }

        var sequences = model.Tables.Where(table => table.SequenceColumn is not null).Select(table => table.Name);
        foreach (var file in await export.CompleteAsync(connection.Schema, sequences, cancellationToken).ConfigureAwait(false))
        {
            yield return file;
        }
    }

    private static Export Begin(IReadOnlyList<TableModel> tables, ExportOptions options)
    {
        options.Check();
        try
        {
            var earlier = tables.SelectMany(table => TableFiles.Earlier(table, options)).ToList();
            if (earlier.Count > 0 && !options.Overwrite)
            {
                throw new StreamingException(
                    ErrorIds.ExportExists,
                    StreamingErrorKind.InvalidInput,
                    $"{options.Folder} already has {earlier.Count} files of these tables, such as {Path.GetFileName(earlier[0])}.",
                    "Choose another folder, or replace them with -Force (--force).",
                    options.Folder);
            }

            Directory.CreateDirectory(options.Folder);
            return new Export(tables, options, earlier);
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            throw NotWritten(options, exception);
        }
    }

    // The next chunk is begun while one is being written, so that no processor waits between them.
    private static async IAsyncEnumerable<(TableModel Table, RowBlock Block)> RowsAsync(
        BatchPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var begun = new Queue<GeneratedChunk>();
        try
        {
            for (var chunk = 0; chunk < plan.Chunks; chunk++)
            {
                while (begun.Count < ChunksAtATime && chunk + begun.Count < plan.Chunks)
                {
                    begun.Enqueue(GeneratedChunk.Begin(plan, chunk + begun.Count, cancellationToken));
                }

                await foreach (var block in begun.Peek().RowsAsync(cancellationToken).ConfigureAwait(false))
                {
                    yield return block;
                }

                await begun.Dequeue().DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var chunk in begun)
            {
                await chunk.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static StreamingException NotWritten(ExportOptions options, Exception cause) => UserFile.Error(
        ErrorIds.ExportNotWritten,
        StreamingErrorKind.Unexpected,
        $"The rows cannot be written to {options.Folder}",
        "Check the folder, the rights to it and its free space.",
        options.Folder,
        cause);

    /// <summary>A chunk whose rows are being generated on a thread of its own.</summary>
    private sealed class GeneratedChunk : IAsyncDisposable
    {
        private readonly List<TableModel> _tables;
        private readonly RowProducer _producer;
        private readonly CancellationTokenSource _stop;
        private readonly Task _producing;

        private GeneratedChunk(List<TableModel> tables, RowProducer producer, CancellationToken cancellationToken)
        {
            _tables = tables;
            _producer = producer;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _producing = Task.Run(() => _producer.RunAsync(_stop.Token), CancellationToken.None);
        }

        public static GeneratedChunk Begin(BatchPlan plan, int chunk, CancellationToken cancellationToken)
        {
            var generator = new BatchGenerator(plan, chunk);
            var tables = plan.Model.Tables.Where(table => generator.Rows(table).Count > 0).ToList();
            foreach (var table in tables)
            {
                ReferenceColumns.SetLater(generator.Table(table.Name));
            }

            return new GeneratedChunk(tables, new RowProducer(plan.Model, generator), cancellationToken);
        }

        /// <summary>The rows, table by table. Whoever takes a block disposes it.</summary>
        public async IAsyncEnumerable<(TableModel Table, RowBlock Block)> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var table in _tables)
            {
                await foreach (var block in _producer.BlocksOf(table, cancellationToken).ConfigureAwait(false))
                {
                    yield return (table, block);
                }
            }

            await _producing.ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(_producing).ConfigureAwait(false);
            _producer.Drain();
            _stop.Dispose();
        }
    }

    /// <summary>The files of all tables while they are written.</summary>
    private sealed class Export(IReadOnlyList<TableModel> tables, ExportOptions options, IReadOnlyList<string> earlier) : IAsyncDisposable
    {
        private readonly Dictionary<string, TableFiles> _files =
            tables.ToDictionary(table => table.Name, table => TableFiles.Of(table, options), StringComparer.Ordinal);

        public async Task WriteAsync(TableModel table, RowBlock block, BatchProgressCounter? progress, CancellationToken cancellationToken)
        {
            var rows = block.Rows;
            try
            {
                await _files[table.Name].WriteAsync(block, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (UserFile.IsError(exception))
            {
                throw NotWritten(options, exception);
            }

            progress?.Add($"Writing {table.Name}", rows);
        }

        public async Task<IReadOnlyList<ExportedFile>> CompleteAsync(string schema, IEnumerable<string> sequences, CancellationToken cancellationToken)
        {
            try
            {
                var complete = new List<ExportedFile>();
                foreach (var table in tables)
                {
                    await _files[table.Name].CompleteAsync(cancellationToken).ConfigureAwait(false);
                    complete.AddRange(_files[table.Name].Complete);
                }

                // Until here the files of an earlier export are as they were.
                foreach (var files in _files.Values)
                {
                    files.Name();
                }

                // One file may have two spellings, where the file system does not tell case apart.
                earlier.Select(Path.GetFullPath).Except(complete.Select(file => file.Path), StringComparer.OrdinalIgnoreCase).ToList().ForEach(File.Delete);
                if (LoadScript.For(tables, complete, options, schema, sequences.ToHashSet(StringComparer.Ordinal)) is { } script)
                {
                    var path = Path.Combine(options.Folder, LoadScript.FileName);
                    await UserFile.WriteAsync(path, script, overwrite: true, cancellationToken).ConfigureAwait(false);
                    complete.Add(new ExportedFile { Path = path, Rows = 0, Bytes = new FileInfo(path).Length });
                }

                return complete;
            }
            catch (Exception exception) when (UserFile.IsError(exception))
            {
                throw NotWritten(options, exception);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var file in _files.Values)
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
