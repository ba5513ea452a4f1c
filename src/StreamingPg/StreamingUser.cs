namespace StreamingPg;

/// <summary>A row of the default table <c>users</c>.</summary>
public sealed record StreamingUser
{
    /// <summary>Primary key, a UUID of version 7 (RFC 9562) when generated.</summary>
    public Guid UserId { get; init; }

    /// <summary>Full name, at most 255 characters.</summary>
    public string? Name { get; init; }

    /// <summary>E-mail address that matches the name, unique, in a domain reserved for examples (RFC 2606).</summary>
    public string? Email { get; init; }

    /// <summary>Age in years, 18 to 90 when generated.</summary>
    public int? Age { get; init; }

    /// <summary>City, at most 255 characters.</summary>
    public string? City { get; init; }

    /// <summary>Time of registration in UTC; never after the reference time when generated.</summary>
    public DateTime? RegistrationDate { get; init; }
}
