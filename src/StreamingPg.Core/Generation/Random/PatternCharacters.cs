using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Random;

/// <summary>One character out of a set.</summary>
internal sealed class PatternCharacters : PatternNode
{
    private readonly Rune[] _characters;
    private readonly Utf8Pool _bytes;

    private readonly bool _ignoreCase;

    /// <summary>A set of at least one character; where case is ignored, the small one of two is taken.</summary>
    public PatternCharacters(IEnumerable<Rune> characters, bool ignoreCase)
    {
        _ignoreCase = ignoreCase;
        _characters = [.. (ignoreCase ? characters.OrderDescending().DistinctBy(Rune.ToLowerInvariant) : characters.Distinct()).Order()];
        _bytes = new Utf8Pool([.. _characters.Select(character => character.ToString())]);
    }

    public override long MinimumLength => 1;

    public override long MaximumLength => 1;

    public override long Count => _characters.Length;

    public override IEnumerable<Rune> First => _ignoreCase ? _characters.Select(Rune.ToLowerInvariant) : _characters;

    public override void Append(RowWriter writer, ref PatternDraws draws) =>
        Append(writer, _characters.Length == 1 ? 0 : draws.Below(_characters.Length));

    public override void Append(RowWriter writer, long index) => writer.Append(_bytes[(int)(index % _characters.Length)]);

    public override bool IsUnambiguous(IReadOnlySet<Rune> follow) => true;
}
