namespace StreamingPg.Core.Schema;

/// <summary>What a user asks of an update of the tables.</summary>
internal sealed record SchemaUpdateOptions
{
    /// <summary>Time to wait for a lock when nothing else is asked: while a statement waits for one, others wait behind it.</summary>
    public static readonly TimeSpan DefaultLockTimeout = TimeSpan.FromSeconds(5);

    /// <summary>True to take steps that lose data as well.</summary>
    public bool Force { get; init; }

    /// <summary>True to widen integers, which writes the whole table anew while nobody can use it.</summary>
    public bool WidenIntegers { get; init; }

    /// <summary>Longest wait for a lock; then nothing is changed.</summary>
    public TimeSpan LockTimeout { get; init; } = DefaultLockTimeout;

    /// <summary>Refuses what cannot be done, before anything touches the database.</summary>
    /// <exception cref="StreamingException">An option is out of range.</exception>
    public void Check()
    {
        if (LockTimeout < TimeSpan.FromMilliseconds(1) || LockTimeout.TotalMilliseconds > int.MaxValue)
        {
            throw new StreamingException(
                "OptionOutOfRange",
                StreamingErrorKind.InvalidInput,
                $"LockTimeout cannot be {LockTimeout}.",
                "Use more than zero, up to 24 days.",
                LockTimeout);
        }
    }
}
