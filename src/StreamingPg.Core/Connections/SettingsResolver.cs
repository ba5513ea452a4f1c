namespace StreamingPg.Core.Connections;

/// <summary>
/// Finds the settings of a connection, in this order: parameters, the session's connection, POSTGRES_* environment
/// variables, a .env file in the current folder, the running private server.
/// </summary>
public static class SettingsResolver
{
    /// <summary>The schema that is used when no setting names one.</summary>
    public const string DefaultSchema = "streaming";

    /// <summary>Makes a handle from the first source that names a database.</summary>
    /// <param name="parameters">What the user gave on the command.</param>
    /// <param name="currentDirectory">Folder in which .env is looked for.</param>
    /// <exception cref="StreamingException">No source names a database, or a setting is unusable.</exception>
    public static DatabaseConnection Resolve(ConnectionParameters parameters, string currentDirectory) =>
        throw new NotImplementedException();
}
