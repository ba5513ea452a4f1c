namespace StreamingPg.Core.Generation;

/// <summary>Makes the records of the three default tables, with the very values that a batch would load.</summary>
public static class RecordGenerator
{
    /// <summary>Makes users, one at a time as they are asked for.</summary>
    /// <exception cref="StreamingException">The locale is unknown, or the count is out of range.</exception>
    public static IEnumerable<StreamingUser> Users(long count, GenerationOptions options) => throw new NotImplementedException();

    /// <summary>Makes transactions of the given users; none when there are no users and <paramref name="count"/> is 0.</summary>
    public static IEnumerable<StreamingTransaction> Transactions(
        IReadOnlyList<StreamingUser> users, long count, GenerationOptions options) => throw new NotImplementedException();

    /// <summary>
    /// Makes lines for the given transactions. A transaction that gets lines is yielded first, with its amount set to their
    /// sum; the others are yielded as they were.
    /// </summary>
    public static IEnumerable<(StreamingTransaction Transaction, IReadOnlyList<StreamingDetail> Lines)> Details(
        IReadOnlyList<StreamingTransaction> transactions, long count, GenerationOptions options) =>
        throw new NotImplementedException();
}
