using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>Names for constraints and indexes in PostgreSQL's own style, such as <c>transactions_user_id_fkey</c>.</summary>
/// <param name="taken">Names that are no longer free.</param>
internal sealed class ObjectNames(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);

    /// <summary>Picks a free name and takes it; the same model and the same taken names give the same name.</summary>
    public string Pick(string table, IReadOnlyList<string> columns, string suffix)
    {
        var stem = $"{table}_{string.Join('_', columns)}";
        for (var attempt = 0; ; attempt++)
        {
            var ending = attempt == 0 ? $"_{suffix}" : string.Create(CultureInfo.InvariantCulture, $"_{suffix}{attempt}");
            var name = Shorten(stem, Identifier.MaxBytes - ending.Length) + ending;
            if (_taken.Add(name))
            {
                return name;
            }
        }
    }

    /// <summary>A stem that is too long keeps its start; a hash of the whole keeps it different from others of that start.</summary>
    private static string Shorten(string stem, int maxBytes)
    {
        var bytes = Encoding.UTF8.GetBytes(stem);
        if (bytes.Length <= maxBytes)
        {
            return stem;
        }

        var hash = "_" + Convert.ToHexString(SHA256.HashData(bytes), 0, 4).ToLowerInvariant();
        var length = maxBytes - hash.Length;
        while ((bytes[length] & 0xC0) == 0x80)
        {
            length--; // never cut inside a character
        }

        return Encoding.UTF8.GetString(bytes, 0, length) + hash;
    }
}
