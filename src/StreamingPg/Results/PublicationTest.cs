namespace StreamingPg;

/// <summary>The result of one check of a publication.</summary>
public sealed record PublicationTest
{
    /// <summary>Name of the check: WalLevel, FreeSlots, Publication, Table or Slot.</summary>
    public required string Check { get; init; }

    /// <summary>The checked object: the server, the publication, a table or a replication slot.</summary>
    public required string Object { get; init; }

    /// <summary>True if subscribers get every change, as far as this object matters.</summary>
    public required bool IsOk { get; init; }

    /// <summary>What was found, and what to do if it is not right.</summary>
    public required string Detail { get; init; }
}
