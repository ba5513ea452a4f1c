using System.Management.Automation;
using StreamingPg.Core.Files;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Turns exceptions of the engine into PowerShell's error records.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord ToErrorRecord(this Exception exception) => exception switch
    {
        StreamingException known => Of(known),
        OperationCanceledException => new ErrorRecord(exception, "Cancelled", ErrorCategory.OperationStopped, null),
        ObjectDisposedException => Of(new StreamingException(
            ErrorIds.ConnectionClosed,
            StreamingErrorKind.ConnectionFailed,
            "The connection was closed.",
            "Use Connect-StreamingDatabase to open a new one.",
            innerException: exception)),
        _ when UserFile.IsError(exception) => Of(UserFile.Error(exception)),
        _ => new ErrorRecord(exception, "Unexpected", ErrorCategory.NotSpecified, null),
    };

    /// <summary>PowerShell shows the recommended action below the message, which therefore is the problem only.</summary>
    private static ErrorRecord Of(StreamingException error) => new(error, error.ErrorId, Category(error.Kind), error.Target)
    {
        ErrorDetails = new ErrorDetails(error.Problem) { RecommendedAction = error.Remedy },
    };

    private static ErrorCategory Category(StreamingErrorKind kind) => kind switch
    {
        StreamingErrorKind.InvalidInput => ErrorCategory.InvalidArgument,
        StreamingErrorKind.InvalidMetadata => ErrorCategory.InvalidData,
        StreamingErrorKind.NotConfigured => ErrorCategory.ObjectNotFound,
        StreamingErrorKind.ConnectionFailed => ErrorCategory.ConnectionError,
        StreamingErrorKind.AuthenticationFailed => ErrorCategory.AuthenticationError,
        StreamingErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        StreamingErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        StreamingErrorKind.SchemaMismatch => ErrorCategory.InvalidType,
        StreamingErrorKind.ConstraintViolated => ErrorCategory.InvalidData,
        StreamingErrorKind.ResourceExhausted => ErrorCategory.LimitsExceeded,
        StreamingErrorKind.Timeout => ErrorCategory.OperationTimeout,
        StreamingErrorKind.NotInstalled => ErrorCategory.NotInstalled,
        _ => ErrorCategory.NotSpecified,
    };
}
