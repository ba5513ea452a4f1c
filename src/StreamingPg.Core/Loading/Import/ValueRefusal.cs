using Npgsql;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Loading.Import;

/// <summary>A row cannot be sent to the server; the message is the reason, a clause that names column and value where it is one of them.</summary>
internal sealed class ValueRefusal : Exception
{
    /// <summary>data_exception: what does not fit is not sent, so that the server could give no closer one.</summary>
    public const string DoesNotFit = "22000";

    public ValueRefusal(string reason, string? column = null, string sqlState = DoesNotFit, Exception? cause = null)
        : base(reason, cause)
    {
        Column = column;
        SqlState = sqlState;
    }

    public string? Column { get; }

    public string SqlState { get; }

    /// <summary>The error that ends an import.</summary>
    public StreamingException ToError(long rowNumber) => new(
        ErrorIds.ValueDoesNotFit,
        StreamingErrorKind.InvalidInput,
        $"Row {rowNumber}: {Message}.",
        "Correct the row and import again; nothing was imported.",
        rowNumber,
        InnerException);
}

/// <summary>Tells errors that are a row's own from those of the server, the table or the connection.</summary>
internal static class RowFault
{
    private const string CheckOptionViolation = "44000";

    /// <summary>sequence_generator_limit_exceeded: no row would fare better.</summary>
    private const string SequenceLimitExceeded = "2200H";

    /// <summary>True when another row might have been taken.</summary>
    /// <remarks>Class 22 (data) and 23 (constraints), a view's check option, a row too large for a page or an index, and what
    /// triggers of the table raise.</remarks>
    public static bool Is(PostgresException error) => ShardError.StateOf(error) switch
    {
        SequenceLimitExceeded or PostgresErrorCodes.BadCopyFileFormat => false,
        CheckOptionViolation or PostgresErrorCodes.ProgramLimitExceeded or PostgresErrorCodes.RaiseException => true,
        var state => state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal),
    };
}
