using System.ComponentModel;
using System.Diagnostics;
using System.Net;

namespace StreamingPg.Core.Files;

/// <summary>Shows pages with the program that the user has for them.</summary>
internal static class WebBrowser
{
    /// <summary>Opens a file.</summary>
    /// <returns>Why it could not be opened; null when it was.</returns>
    public static string? Open(string file)
    {
        try
        {
            using var program = Process.Start(new ProcessStartInfo(file) { UseShellExecute = true });
            return null;
        }
        catch (Exception exception) when (exception is Win32Exception or PlatformNotSupportedException)
        {
            return exception.Message;
        }
    }

    /// <summary>
    /// Writes a file that leads to a link that is a secret: arguments of programs can be seen by others on this machine, so the browser
    /// gets the file, which only this user can read.
    /// </summary>
    /// <param name="link">The link.</param>
    /// <param name="folder">A folder of this user alone.</param>
    /// <returns>The file, to open.</returns>
    public static string WriteSecret(Uri link, string folder)
    {
        var address = WebUtility.HtmlEncode(link.AbsoluteUri);
        var file = Path.Combine(folder, "open.html");
        File.WriteAllText(
            file,
            $"""<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>StreamingPg live</title><meta http-equiv="refresh" content="0;url={address}"><a href="{address}">StreamingPg live</a></html>""");
        return file;
    }
}
