using System.Management.Automation;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Where work on other threads writes: the pipeline of a running command, or the streams of a job.</summary>
internal interface IStreamOutput
{
    /// <summary>Emits an object.</summary>
    void Write(object value);

    /// <summary>Writes verbose text.</summary>
    void Verbose(string text);

    /// <summary>Writes debug text.</summary>
    void Debug(string text);

    /// <summary>Writes a warning.</summary>
    void Warning(string text);

    /// <summary>Writes information that a person sees, and that -InformationVariable keeps as the object it is.</summary>
    void Information(object value);

    /// <summary>Shows progress.</summary>
    void Progress(ProgressRecord record);
}
