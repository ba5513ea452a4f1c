using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

[assembly: StreamingPg.Tests.TestLimit]

namespace StreamingPg.Tests;

/// <summary>
/// Ends the whole run when a test takes ten minutes, with the name of the test: what hangs cannot be trusted to end itself. The longest test, which
/// starts some fifty programs, takes half a minute, and five where others use the machine.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class TestLimitAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Timer> _running = [];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        _running[test.UniqueID] = new Timer(
            _ => Environment.FailFast($"{test.TestDisplayName} did not end within {Limit}."), null, Limit, Timeout.InfiniteTimeSpan);

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (_running.TryRemove(test.UniqueID, out var timer))
        {
            timer.Dispose();
        }
    }
}
