namespace StreamingPg;

/// <summary>What an import does with a row whose primary key is in the table already, or came before in the input.</summary>
public enum ConflictAction
{
    /// <summary>It is an error of that row.</summary>
    Error,

    /// <summary>The row that is there stays as it is.</summary>
    Skip,

    /// <summary>The row that is there gets the values of the input.</summary>
    Update,
}
