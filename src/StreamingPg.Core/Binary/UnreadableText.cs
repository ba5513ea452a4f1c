namespace StreamingPg.Core.Binary;

/// <summary>Text of the input that was refused before it reached its column, with the reason.</summary>
internal sealed record UnreadableText(string Text, string Reason);
