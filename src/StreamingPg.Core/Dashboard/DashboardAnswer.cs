using System.Net;
using System.Text;
using StreamingPg.Core.Report;

namespace StreamingPg.Core.Dashboard;

/// <summary>The answer to one request.</summary>
internal sealed class DashboardAnswer
{
    private readonly HttpListenerResponse _response;

    public DashboardAnswer(HttpListenerResponse response)
    {
        _response = response;
        response.Headers["Cache-Control"] = "no-store";
        response.Headers["Content-Security-Policy"] =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["X-Content-Type-Options"] = "nosniff";
    }

    /// <summary>Nothing but a status.</summary>
    public Task StatusAsync(HttpStatusCode status)
    {
        _response.StatusCode = (int)status;
        _response.ContentLength64 = 0;
        return Task.CompletedTask;
    }

    /// <summary>Another address.</summary>
    public Task RedirectAsync(string location)
    {
        _response.RedirectLocation = location;
        return StatusAsync(HttpStatusCode.PermanentRedirect);
    }

    /// <summary>Says that there was an error, unless the answer has begun: then it breaks off.</summary>
    public void Fail()
    {
        try
        {
            _response.StatusCode = (int)HttpStatusCode.InternalServerError;
        }
        catch (Exception exception) when (exception is ObjectDisposedException or InvalidOperationException)
        {
            _response.Abort();
        }
    }

    /// <summary>A file of the page.</summary>
    public Task FileAsync(string name) => name switch
    {
        "" => TextAsync("text/html; charset=utf-8", Resource("dashboard.html")),
        "dashboard.css" => TextAsync("text/css; charset=utf-8", ReportPage.Css + Resource(name)),
        _ => TextAsync("text/javascript; charset=utf-8", Resource(name)),
    };

    /// <summary>A text.</summary>
    public Task TextAsync(string type, string text)
    {
        _response.ContentType = type;
        var bytes = Encoding.UTF8.GetBytes(text);
        _response.ContentLength64 = bytes.Length;
        return _response.OutputStream.WriteAsync(bytes).AsTask();
    }

    /// <summary>A server-sent event per message, until there are no more.</summary>
    public async Task EventsAsync(IAsyncEnumerable<string> messages, CancellationToken stop)
    {
        _response.ContentType = "text/event-stream; charset=utf-8";
        _response.SendChunked = true;
        await SendAsync("retry: 1000\n\n", stop).ConfigureAwait(false);
        await foreach (var message in messages.ConfigureAwait(false))
        {
            await SendAsync($"data: {message}\n\n", stop).ConfigureAwait(false);
        }
    }

    /// <summary>Ends it.</summary>
    public void Close()
    {
        try
        {
            _response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The browser went away.
        }
    }

    private async Task SendAsync(string text, CancellationToken stop)
    {
        await _response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text), stop).ConfigureAwait(false);
        await _response.OutputStream.FlushAsync(stop).ConfigureAwait(false);
    }

    private static string Resource(string name)
    {
        using var stream = typeof(DashboardAnswer).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
