using StreamingPg.Core.Model;

namespace StreamingPg.Core.Connections;

/// <summary>Tries a connection and says what is missing.</summary>
public static class ConnectionTester
{
    /// <summary>Tests a connection. A server that does not answer is a result, not an exception.</summary>
    public static Task<ConnectionTest> TestAsync(
        DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
