namespace StreamingPg.Core.Model;

/// <summary>Reads metadata.json into a <see cref="StreamModel"/>.</summary>
public static class MetadataReader
{
    /// <summary>The model of the embedded default metadata: users, transactions, detailed_transactions.</summary>
    public static StreamModel Default => throw new NotImplementedException();

    /// <summary>Reads metadata from text.</summary>
    /// <param name="json">The JSON text.</param>
    /// <param name="source">Name shown in errors: a file path, or <c>metadata</c>.</param>
    /// <exception cref="StreamingException">The metadata is not usable; the message names the place and the reason.</exception>
    public static StreamModel Parse(string json, string source = "metadata") => throw new NotImplementedException();

    /// <summary>Reads metadata from a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="StreamingException">The file is missing, or its metadata is not usable.</exception>
    public static StreamModel Load(string path) => throw new NotImplementedException();
}
