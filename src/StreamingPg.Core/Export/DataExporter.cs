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
        for (var chunk = 0; chunk < plan.Chunks; chunk++)
        {
            await foreach (var (table, block) in ChunkAsync(model, new BatchGenerator(plan, chunk), cancellationToken).ConfigureAwait(false))
            {
                await export.WriteAsync(table, block, counter, cancellationToken).ConfigureAwait(false);
            }
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

    private static async IAsyncEnumerable<(TableModel Table, RowBlock Block)> ChunkAsync(
        StreamModel model, BatchGenerator generator, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var producer = new RowProducer(model, generator);
        foreach (var table in model.Tables.Where(table => generator.Rows(table).Count > 0))
        {
            ReferenceColumns.SetLater(generator.Table(table.Name));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var producing = Task.Run(() => producer.RunAsync(stop.Token), CancellationToken.None);
        try
        {
            foreach (var table in model.Tables.Where(table => generator.Rows(table).Count > 0))
            {
                await foreach (var block in producer.BlocksOf(table, cancellationToken).ConfigureAwait(false))
                {
                    yield return (table, block);
                }
            }

            await producing.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(producing).ConfigureAwait(false);
            producer.Drain();
        }
    }

    private static StreamingException NotWritten(ExportOptions options, Exception cause) => UserFile.Error(
        ErrorIds.ExportNotWritten,
        StreamingErrorKind.Unexpected,
        $"The rows cannot be written to {options.Folder}",
        "Check the folder, the rights to it and its free space.",
        options.Folder,
        cause);

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
