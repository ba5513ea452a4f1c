namespace StreamingPg.Core.Server;

/// <summary>
/// Where StreamingPg keeps what belongs to a user: in his data folder. The home of root is closed to the account that the server
/// runs as, so what belongs to root lives in /var/lib.
/// </summary>
internal static class UserFolder
{
    /// <summary>Path of one of the folders, such as <c>programs</c>; null when this user has no data folder.</summary>
    public static string? Of(string name)
    {
        if (ServerAccount.IsRoot)
        {
            return $"/var/lib/streamingpg-{name}";
        }

        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0 ? Path.Combine(data, "StreamingPg", name) : null;
    }
}
