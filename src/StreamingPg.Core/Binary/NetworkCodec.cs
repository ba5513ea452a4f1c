using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StreamingPg.Core.Binary;

/// <summary>PostgreSQL's inet, cidr and macaddr, as text.</summary>
internal static class NetworkCodec
{
    // Source: inet.h of PostgreSQL; the second is the first plus one, whatever the operating system calls its own.
    private const byte FamilyIPv4 = 2;
    private const byte FamilyIPv6 = 3;
    private const int MacBytes = 6;

    /// <summary>Writes an address or a network.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="text">Such as <c>192.168.0.1/24</c>.</param>
    /// <param name="isCidr">True for a network, whose host bits must be zero.</param>
    /// <exception cref="FormatException">It is none; the message is the reason alone.</exception>
    public static void Write(RowWriter writer, string text, bool isCidr)
    {
        var (address, bits) = Parse(text.Trim())
            ?? throw new FormatException($"it is not an IP {(isCidr ? "network such as 10.1.0.0/16" : "address such as 10.1.2.3 or 10.1.2.3/16")}");
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (isCidr && HasHostBits(bytes[..length], bits))
        {
            throw new FormatException("it has bits set to the right of the network mask, which a cidr cannot store");
        }

        Write(writer, bytes[..length], bits, isCidr);
    }

    /// <summary>Writes an address of 4 or 16 bytes.</summary>
    public static void Write(RowWriter writer, ReadOnlySpan<byte> address, int bits, bool isCidr)
    {
        var start = writer.BeginField();
        writer.Append(address.Length == 4 ? FamilyIPv4 : FamilyIPv6);
        writer.Append((byte)bits);
        writer.Append(isCidr ? (byte)1 : (byte)0);
        writer.Append((byte)address.Length);
        writer.Append(address);
        writer.EndField(start);
    }

    /// <summary>The address as PostgreSQL shows it: a host's without the number of its bits.</summary>
    public static string Read(ReadOnlySpan<byte> field)
    {
        var address = new IPAddress(field[4..]);
        var (bits, isCidr) = (field[1], field[2] != 0);
        return !isCidr && bits == 8 * (field.Length - 4)
            ? address.ToString()
            : string.Create(CultureInfo.InvariantCulture, $"{address}/{bits}");
    }

    /// <summary>Writes a MAC address, with any of the usual separators or none.</summary>
    /// <exception cref="FormatException">It is none; the message is the reason alone.</exception>
    public static void WriteMac(RowWriter writer, string text)
    {
        var digits = string.Concat(text.Trim().Where(character => character is not (':' or '-' or '.')));
        if (digits.Length != 2 * MacBytes || !digits.All(char.IsAsciiHexDigit))
        {
            throw new FormatException("it is not a MAC address such as 08:00:2b:01:02:03");
        }

        writer.WriteBytes(Convert.FromHexString(digits));
    }

    /// <summary>A MAC address as PostgreSQL shows it.</summary>
    public static string ReadMac(ReadOnlySpan<byte> field)
    {
        var digits = Convert.ToHexString(field).ToLowerInvariant();
        return string.Join(':', Enumerable.Range(0, field.Length).Select(index => digits.Substring(2 * index, 2)));
    }

    private static (IPAddress Address, int Bits)? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];

        // .NET takes 1, 0x7f.1 and names of interfaces for addresses too.
        var isDotted = host.Count(character => character == '.') == 3 && host.All(character => char.IsAsciiDigit(character) || character == '.');
        var isHex = host.Contains(':', StringComparison.Ordinal) && host.All(character => char.IsAsciiHexDigit(character) || character is ':' or '.');
        if (!(isDotted || isHex) || !IPAddress.TryParse(host, out var address))
        {
            return null;
        }

        // 010 is eight to .NET, ten to PostgreSQL.
        if (isDotted && address.ToString() != host)
        {
            return null;
        }

        var most = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var bits = most;
        return slash < 0 || (int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits <= most)
            ? (address, bits)
            : null;
    }

    private static bool HasHostBits(ReadOnlySpan<byte> address, int bits)
    {
        for (var bit = bits; bit < 8 * address.Length; bit++)
        {
            if ((address[bit / 8] & (0x80 >> (bit % 8))) != 0)
            {
                return true;
            }
        }

        return false;
    }
}
