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
        "ValueDoesNotFit",
        StreamingErrorKind.InvalidInput,
        $"Row {rowNumber}: {Message}.",
        "Correct the row and import again; nothing of this import was kept.",
        rowNumber,
        InnerException);
}
