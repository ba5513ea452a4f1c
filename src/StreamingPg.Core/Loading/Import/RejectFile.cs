using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Files;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Import;

/// <summary>The file of rows that could not be loaded: one JSON line each, with the values, so that they can be corrected and imported.</summary>
internal sealed class RejectFile : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _path;
    private readonly FileStream _file;
    private bool _isComplete;

    private RejectFile(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Makes the file.</summary>
    /// <exception cref="StreamingException">It already exists, or cannot be made.</exception>
    public static RejectFile Create(string path)
    {
        try
        {
            return new RejectFile(path, new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read));
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new StreamingException(
                ErrorIds.RejectFileExists,
                StreamingErrorKind.InvalidInput,
                $"The reject file \"{path}\" already exists and may contain rows that nobody has corrected.",
                "Use another file, or move this one.",
                path,
                exception);
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            throw UserFile.Error(
                ErrorIds.RejectFileUnwritable,
                StreamingErrorKind.InvalidInput,
                $"The reject file \"{path}\" cannot be created",
                "Use a file in a folder that you may write to.",
                path,
                exception);
        }
    }

    /// <summary>Writes a row with its columns and values.</summary>
    public void Write(TableModel table, long row, RejectReason reason, IEnumerable<(string Column, object? Value)> values) =>
        Write(table, row, reason, json =>
        {
            json.WriteStartObject("values");
            foreach (var (name, value) in values)
            {
                json.WritePropertyName(name);
                ValueText.WriteJson(json, value);
            }

            json.WriteEndObject();
        });

    /// <summary>Writes a row whose values could not be read, as it stands in the input.</summary>
    public void Write(TableModel table, long row, RejectReason reason, string text) =>
        Write(table, row, reason, json => json.WriteString("text", text));

    private void Write(TableModel table, long row, RejectReason reason, Action<Utf8JsonWriter> writeRow) => Guarded(() =>
    {
        using (var json = new Utf8JsonWriter(_file, Options))
        {
            json.WriteStartObject();
            json.WriteString("table", table.Name);
            json.WriteNumber("row", row);
            json.WriteString("reason", reason.Text);
            json.WriteString("sqlstate", reason.SqlState);
            WriteIfAny(json, "column", reason.Column);
            WriteIfAny(json, "constraint", reason.Constraint);
            writeRow(json);
            json.WriteEndObject();
        }

        _file.WriteByte((byte)'\n');
        Rows++;
    });

    /// <summary>Makes sure that the rows are on the disk before the others are committed. From now on the file stays: whether a
    /// commit happened is not always known.</summary>
    public void Complete()
    {
        Guarded(() => _file.Flush(flushToDisk: true));
        _isComplete = true;
    }

    /// <summary>A reject file that cannot be written ends the import: rejected rows must not be lost.</summary>
    private void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            throw UserFile.Error(
                ErrorIds.RejectFileUnwritable,
                StreamingErrorKind.ResourceExhausted,
                $"The reject file \"{_path}\" cannot be written",
                "Free disk space, or use a file on another disk, and import again; nothing was imported.",
                _path,
                exception);
        }
    }

    /// <summary>Takes the file away when it was not completed, since then no row of the import was loaded, or when it is empty.</summary>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException) when (!_isComplete)
        {
            // The file goes away below; why it could not be written has been said.
        }

        if (!_isComplete || Rows == 0)
        {
            File.Delete(_path);
        }
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }
}

/// <summary>Why a row was not loaded.</summary>
/// <param name="Text">In words.</param>
/// <param name="SqlState">SQLSTATE.</param>
/// <param name="Column">Column concerned, or null.</param>
/// <param name="Constraint">Constraint concerned, or null.</param>
internal readonly record struct RejectReason(string Text, string SqlState, string? Column, string? Constraint)
{
    public static RejectReason Of(ValueRefusal refusal) => new(refusal.Message, refusal.SqlState, refusal.Column, Constraint: null);

    public static RejectReason Of(PostgresException error) => new(
        ShardError.WithoutShards(error, string.IsNullOrEmpty(error.Detail) ? error.MessageText : $"{error.MessageText} ({error.Detail})")!,
        ShardError.StateOf(error),
        ShardError.ColumnOf(error),
        ShardError.ConstraintOf(error));
}
