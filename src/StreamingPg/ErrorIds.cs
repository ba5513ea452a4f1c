namespace StreamingPg;

/// <summary>
/// The ids of all errors. They are stable, so scripts can rely on them, and each stands for one error. about_StreamingPg_Errors lists
/// them with the same texts.
/// </summary>
public static class ErrorIds
{
    /// <summary>-All and -Path were given together.</summary>
    public const string AllWithPath = nameof(AllWithPath);
    /// <summary>The lines of a row add up to more than its amount column can hold.</summary>
    public const string AmountTooLarge = nameof(AmountTooLarge);
    /// <summary>The server refused the user name or the password.</summary>
    public const string AuthenticationFailed = nameof(AuthenticationFailed);
    /// <summary>The batch was closed by Close-StreamingBatch; nothing more is loaded into it.</summary>
    public const string BatchClosed = nameof(BatchClosed);
    /// <summary>All chunks of the batch are loaded, so there is nothing to close.</summary>
    public const string BatchComplete = nameof(BatchComplete);
    /// <summary>The batch stopped midway or is still being loaded; -Resume resumes it.</summary>
    public const string BatchIncomplete = nameof(BatchIncomplete);
    /// <summary>Another session is loading the batch.</summary>
    public const string BatchInUse = nameof(BatchInUse);
    /// <summary>Rows that were there before sum up rows of the batch, which can therefore not be removed.</summary>
    public const string BatchRowsSummed = nameof(BatchRowsSummed);
    /// <summary>A table has no primary key, so nothing tells which of its rows are of the batch.</summary>
    public const string BatchRowsUnknown = nameof(BatchRowsUnknown);
    /// <summary>The ledger has no batch with this id.</summary>
    public const string BatchUnknown = nameof(BatchUnknown);
    /// <summary>The command was stopped.</summary>
    public const string Cancelled = nameof(Cancelled);
    /// <summary>A CHECK constraint is too complex for generated values to satisfy it.</summary>
    public const string CheckNotUnderstood = nameof(CheckNotUnderstood);
    /// <summary>A row violates a CHECK constraint.</summary>
    public const string CheckViolation = nameof(CheckViolation);
    /// <summary>The clocks of client and server differ by more than a minute. Rows are removed by their age, so nothing was removed.</summary>
    public const string ClocksDiffer = nameof(ClocksDiffer);
    /// <summary>A column of the model does not exist in the database.</summary>
    public const string ColumnNotFound = nameof(ColumnNotFound);
    /// <summary>No values can be generated for a column.</summary>
    public const string ColumnNotGenerated = nameof(ColumnNotGenerated);
    /// <summary>A column is too short for its values.</summary>
    public const string ColumnTooShort = nameof(ColumnTooShort);
    /// <summary>A column has another type than the model.</summary>
    public const string ColumnTypeMismatch = nameof(ColumnTypeMismatch);
    /// <summary>The answer to a commit was lost, and the ledger could not be read to find out whether it succeeded.</summary>
    public const string CommitUnknown = nameof(CommitUnknown);
    /// <summary>The connection broke while the command was running.</summary>
    public const string ConnectionBroken = nameof(ConnectionBroken);
    /// <summary>The connection was closed by Disconnect-StreamingDatabase.</summary>
    public const string ConnectionClosed = nameof(ConnectionClosed);
    /// <summary>-Connection was combined with the settings of another connection.</summary>
    public const string ConnectionNotAlone = nameof(ConnectionNotAlone);
    /// <summary>No server listens at the host and port.</summary>
    public const string ConnectionRefused = nameof(ConnectionRefused);
    /// <summary>A connection string was combined with other connection settings.</summary>
    public const string ConnectionStringNotAlone = nameof(ConnectionStringNotAlone);
    /// <summary>A row violates a constraint; the message names it (SQLSTATE class 23).</summary>
    public const string ConstraintViolated = nameof(ConstraintViolated);
    /// <summary>There is no culture with this name.</summary>
    public const string CultureUnknown = nameof(CultureUnknown);
    /// <summary>The live page cannot listen on its port.</summary>
    public const string DashboardNotStarted = nameof(DashboardNotStarted);
    /// <summary>Sessions are open on a database that is to be copied or replaced.</summary>
    public const string DatabaseInUse = nameof(DatabaseInUse);
    /// <summary>The server has no database with this name.</summary>
    public const string DatabaseNotFound = nameof(DatabaseNotFound);
    /// <summary>The date format is not valid in .NET.</summary>
    public const string DateFormatInvalid = nameof(DateFormatInvalid);
    /// <summary>The server canceled the transaction to resolve a deadlock.</summary>
    public const string Deadlock = nameof(Deadlock);
    /// <summary>The server's disk is full.</summary>
    public const string DiskFull = nameof(DiskFull);
    /// <summary>The file .env cannot be read.</summary>
    public const string DotEnvUnreadable = nameof(DotEnvUnreadable);
    /// <summary>There is no encoding with this name.</summary>
    public const string EncodingUnknown = nameof(EncodingUnknown);
    /// <summary>The folder already has files of an export.</summary>
    public const string ExportExists = nameof(ExportExists);
    /// <summary>Exported rows cannot be written to their folder.</summary>
    public const string ExportNotWritten = nameof(ExportNotWritten);
    /// <summary>A file or standard output cannot be read or written.</summary>
    public const string FileAccessFailed = nameof(FileAccessFailed);
    /// <summary>A row refers to a parent that does not exist.</summary>
    public const string ForeignKeyViolation = nameof(ForeignKeyViolation);
    /// <summary>A generator of your own failed, or made something else than one value per row.</summary>
    public const string GeneratorFailed = nameof(GeneratorFailed);
    /// <summary>A generator of your own cannot be used; the message says why.</summary>
    public const string GeneratorInvalid = nameof(GeneratorInvalid);
    /// <summary>There is no generator with this name.</summary>
    public const string GeneratorUnknown = nameof(GeneratorUnknown);
    /// <summary>The host name cannot be resolved.</summary>
    public const string HostNotFound = nameof(HostNotFound);
    /// <summary>The host cannot be reached over the network.</summary>
    public const string HostUnreachable = nameof(HostUnreachable);
    /// <summary>An import option is out of range or conflicts with another.</summary>
    public const string ImportOptionInvalid = nameof(ImportOptionInvalid);
    /// <summary>The input contains bytes that are invalid in its encoding; the message says where.</summary>
    public const string InputEncodingInvalid = nameof(InputEncodingInvalid);
    /// <summary>The header line of the CSV input is invalid.</summary>
    public const string InputHeaderInvalid = nameof(InputHeaderInvalid);
    /// <summary>An entry of the input is not a row.</summary>
    public const string InputNotRow = nameof(InputNotRow);
    /// <summary>The input ends in the middle of a record.</summary>
    public const string InputUnfinished = nameof(InputUnfinished);
    /// <summary>The file to import cannot be read.</summary>
    public const string InputUnreadable = nameof(InputUnreadable);
    /// <summary>The connection settings contradict each other.</summary>
    public const string InvalidConnectionSettings = nameof(InvalidConnectionSettings);
    /// <summary>The connection string is not valid for Npgsql.</summary>
    public const string InvalidConnectionString = nameof(InvalidConnectionString);
    /// <summary>The server rejected a value; the message has the reason (SQLSTATE class 22).</summary>
    public const string InvalidData = nameof(InvalidData);
    /// <summary>The download address for server programs is not valid.</summary>
    public const string InvalidDownloadUrl = nameof(InvalidDownloadUrl);
    /// <summary>A host name is invalid.</summary>
    public const string InvalidHostName = nameof(InvalidHostName);
    /// <summary>The metadata is invalid; the message says where and why.</summary>
    public const string InvalidMetadata = nameof(InvalidMetadata);
    /// <summary>The connection pool size is out of range.</summary>
    public const string InvalidPoolSize = nameof(InvalidPoolSize);
    /// <summary>The port is not a number from 1 to 65535.</summary>
    public const string InvalidPort = nameof(InvalidPort);
    /// <summary>The name cannot be one of a publication.</summary>
    public const string InvalidPublicationName = nameof(InvalidPublicationName);
    /// <summary>The schema name is empty or too long.</summary>
    public const string InvalidSchemaName = nameof(InvalidSchemaName);
    /// <summary>A setting of the private server is invalid.</summary>
    public const string InvalidServerSetting = nameof(InvalidServerSetting);
    /// <summary>A connection service file cannot be read, or a line of it is invalid.</summary>
    public const string InvalidServiceFile = nameof(InvalidServiceFile);
    /// <summary>There is no SSL mode with this name.</summary>
    public const string InvalidSslMode = nameof(InvalidSslMode);
    /// <summary>The statement timeout is out of range.</summary>
    public const string InvalidStatementTimeout = nameof(InvalidStatementTimeout);
    /// <summary>A health threshold is not two numbers in the right order.</summary>
    public const string InvalidThreshold = nameof(InvalidThreshold);
    /// <summary>The file of health thresholds is not valid.</summary>
    public const string InvalidThresholdFile = nameof(InvalidThresholdFile);
    /// <summary>The interval, duration or count of a watch is out of range.</summary>
    public const string InvalidWatch = nameof(InvalidWatch);
    /// <summary>Something that uses a key, or another session, keeps it from being made bigint; the message names it.</summary>
    public const string KeyNotWidened = nameof(KeyNotWidened);
    /// <summary>The tables cannot be partitioned or distributed as asked.</summary>
    public const string LayoutNotPossible = nameof(LayoutNotPossible);
    /// <summary>Another session held a lock for too long.</summary>
    public const string LockNotAvailable = nameof(LockNotAvailable);
    /// <summary>The log cannot be opened for writing.</summary>
    public const string LogNotWritable = nameof(LogNotWritable);
    /// <summary>The file to save the metadata to already exists.</summary>
    public const string MetadataExists = nameof(MetadataExists);
    /// <summary>No model of this name comes with StreamingPg.</summary>
    public const string MetadataModelUnknown = nameof(MetadataModelUnknown);
    /// <summary>The metadata file does not exist.</summary>
    public const string MetadataNotFound = nameof(MetadataNotFound);
    /// <summary>The metadata file cannot be written.</summary>
    public const string MetadataNotWritten = nameof(MetadataNotWritten);
    /// <summary>The metadata file cannot be read.</summary>
    public const string MetadataUnreadable = nameof(MetadataUnreadable);
    /// <summary>A parameter for database tables was given without -FromDatabase.</summary>
    public const string NeedsDatabase = nameof(NeedsDatabase);
    /// <summary>A parameter for the summary was given without -Summary.</summary>
    public const string NeedsSummary = nameof(NeedsSummary);
    /// <summary>No parents agree on their shared parent.</summary>
    public const string NoAgreeingParents = nameof(NoAgreeingParents);
    /// <summary>The keys of a table do not tell when a row's batch was.</summary>
    public const string NoBatchTime = nameof(NoBatchTime);
    /// <summary>There are no parent rows to refer to.</summary>
    public const string NoParents = nameof(NoParents);
    /// <summary>There is no integrity check with this name.</summary>
    public const string NoSuchCheck = nameof(NoSuchCheck);
    /// <summary>This session has no connection with this name.</summary>
    public const string NoSuchConnection = nameof(NoSuchConnection);
    /// <summary>None of the hosts matches Target Session Attributes.</summary>
    public const string NoSuitableHost = nameof(NoSuitableHost);
    /// <summary>There are no two tables or columns to compare.</summary>
    public const string NothingToCompare = nameof(NothingToCompare);
    /// <summary>No table has a row timestamp: a column that says when a row was created.</summary>
    public const string NoTimeColumn = nameof(NoTimeColumn);
    /// <summary>The metadata lacks the users, transactions or line items to analyze.</summary>
    public const string NotAShop = nameof(NotAShop);
    /// <summary>No setting says which database to use.</summary>
    public const string NotConfigured = nameof(NotConfigured);
    /// <summary>A required column has no value.</summary>
    public const string NotNullViolation = nameof(NotNullViolation);
    /// <summary>An option is out of range.</summary>
    public const string OptionOutOfRange = nameof(OptionOutOfRange);
    /// <summary>A parent was deleted while its children were being loaded.</summary>
    public const string ParentGone = nameof(ParentGone);
    /// <summary>A piped parent has no key.</summary>
    public const string ParentWithoutKey = nameof(ParentWithoutKey);
    /// <summary>The server requires a password, and none was given.</summary>
    public const string PasswordMissing = nameof(PasswordMissing);
    /// <summary>The path is not in the file system.</summary>
    public const string PathNotFileSystem = nameof(PathNotFileSystem);
    /// <summary>A period or schedule must be greater than zero.</summary>
    public const string PeriodNotPositive = nameof(PeriodNotPositive);
    /// <summary>The role lacks a privilege; the message has the GRANT.</summary>
    public const string PermissionDenied = nameof(PermissionDenied);
    /// <summary>The batch to resume was planned for other tables.</summary>
    public const string PlanDoesNotFit = nameof(PlanDoesNotFit);
    /// <summary>All connections of the pool are in use.</summary>
    public const string PoolExhausted = nameof(PoolExhausted);
    /// <summary>The connection pooler refused the connection or one of its settings.</summary>
    public const string PoolerRefused = nameof(PoolerRefused);
    /// <summary>The connection pooler cannot reach the server.</summary>
    public const string PoolerUnavailable = nameof(PoolerUnavailable);
    /// <summary>The program psql is not installed.</summary>
    public const string PsqlNotInstalled = nameof(PsqlNotInstalled);
    /// <summary>A statement that is to read only would change something.</summary>
    public const string QueryWrites = nameof(QueryWrites);
    /// <summary>Options that choose rows exclude each other, or do not fit the table.</summary>
    public const string RowFilterInvalid = nameof(RowFilterInvalid);
    /// <summary>Row-level security shows the role only some rows of a table, but all are needed.</summary>
    public const string RowsHidden = nameof(RowsHidden);
    /// <summary>A table has rows that StreamingPg did not load.</summary>
    public const string RowsNotLoadedByUs = nameof(RowsNotLoadedByUs);
    /// <summary>The programs that dump and restore (pg_dump, pg_dumpall, psql) are not installed.</summary>
    public const string ServerClientsMissing = nameof(ServerClientsMissing);
    /// <summary>Sessions are open on the private server.</summary>
    public const string ServerInUse = nameof(ServerInUse);
    /// <summary>There is no private server in the folder.</summary>
    public const string ServerNotCreated = nameof(ServerNotCreated);
    /// <summary>The server programs are older than the private server's data.</summary>
    public const string ServerProgramsOlder = nameof(ServerProgramsOlder);
    /// <summary>The running server has another wal_level than was requested; only a restart changes it.</summary>
    public const string ServerRestartNeeded = nameof(ServerRestartNeeded);
    /// <summary>The disk has too little space for the upgrade of the private server.</summary>
    public const string ServerSpaceTooSmall = nameof(ServerSpaceTooSmall);
    /// <summary>The private server was not upgraded; the message says why.</summary>
    public const string ServerUpgradeFailed = nameof(ServerUpgradeFailed);
    /// <summary>The upgraded server does not hold what the old one does.</summary>
    public const string ServerUpgradeNotVerified = nameof(ServerUpgradeNotVerified);
    /// <summary>There is a snapshot of this name.</summary>
    public const string SnapshotExists = nameof(SnapshotExists);
    /// <summary>The name of a snapshot has control characters in it.</summary>
    public const string SnapshotNameInvalid = nameof(SnapshotNameInvalid);
    /// <summary>There is no snapshot of this name.</summary>
    public const string SnapshotUnknown = nameof(SnapshotUnknown);
    /// <summary>A standby has not replayed in time what its primary had committed.</summary>
    public const string StandbyBehind = nameof(StandbyBehind);
    /// <summary>Nothing says that StreamingPg made a table.</summary>
    public const string TableNotOurs = nameof(TableNotOurs);
    /// <summary>Another session uses the tables.</summary>
    public const string TablesInUse = nameof(TablesInUse);
    /// <summary>Verification of the new rows failed; the transaction was rolled back.</summary>
    public const string VerificationFailed = nameof(VerificationFailed);
    /// <summary>Two properties of the input match one column.</summary>
    public const string PropertyAmbiguous = nameof(PropertyAmbiguous);
    /// <summary>The input has no property that matches a column.</summary>
    public const string PropertyMissing = nameof(PropertyMissing);
    /// <summary>The input has a property that matches no column.</summary>
    public const string PropertyUnknown = nameof(PropertyUnknown);
    /// <summary>The server is read-only.</summary>
    public const string ReadOnlyServer = nameof(ReadOnlyServer);
    /// <summary>The parent's value does not fit the column that refers to it.</summary>
    public const string ReferenceDoesNotFit = nameof(ReferenceDoesNotFit);
    /// <summary>The reject file already exists.</summary>
    public const string RejectFileExists = nameof(RejectFileExists);
    /// <summary>The reject file cannot be written.</summary>
    public const string RejectFileUnwritable = nameof(RejectFileUnwritable);
    /// <summary>The report already exists, and -NoClobber was given.</summary>
    public const string ReportExists = nameof(ReportExists);
    /// <summary>The report cannot be written.</summary>
    public const string ReportNotWritten = nameof(ReportNotWritten);
    /// <summary>The name is reserved by PostgreSQL.</summary>
    public const string ReservedName = nameof(ReservedName);
    /// <summary>-Resume was given without -BatchId.</summary>
    public const string ResumeNeedsBatchId = nameof(ResumeNeedsBatchId);
    /// <summary>No setting says which rows are old.</summary>
    public const string RetentionNotGiven = nameof(RetentionNotGiven);
    /// <summary>A retention option is out of range or conflicts with another.</summary>
    public const string RetentionOptionInvalid = nameof(RetentionOptionInvalid);
    /// <summary>A retention of less than a minute needs -Force.</summary>
    public const string RetentionTooShort = nameof(RetentionTooShort);
    /// <summary>The number of rows is out of range.</summary>
    public const string RowCountOutOfRange = nameof(RowCountOutOfRange);
    /// <summary>The rows of one table were requested in two ways.</summary>
    public const string RowsAskedTwice = nameof(RowsAskedTwice);
    /// <summary>The rows of a table are not a number.</summary>
    public const string RowsNotANumber = nameof(RowsNotANumber);
    /// <summary>The database has no schema with this name.</summary>
    public const string SchemaNotFound = nameof(SchemaNotFound);
    /// <summary>A sequence has no values left.</summary>
    public const string SequenceExhausted = nameof(SequenceExhausted);
    /// <summary>A column of the model has no sequence in the database.</summary>
    public const string SequenceMissing = nameof(SequenceMissing);
    /// <summary>Concurrent transactions could not be serialized.</summary>
    public const string SerializationFailure = nameof(SerializationFailure);
    /// <summary>There is no program to run the private server under another account.</summary>
    public const string ServerAccountChangeMissing = nameof(ServerAccountChangeMissing);
    /// <summary>There is no account to run the private server, which must not run as root.</summary>
    public const string ServerAccountMissing = nameof(ServerAccountMissing);
    /// <summary>Another process is starting or stopping the private server.</summary>
    public const string ServerBusy = nameof(ServerBusy);
    /// <summary>The downloaded server programs have a wrong checksum; they were deleted.</summary>
    public const string ServerDownloadCorrupt = nameof(ServerDownloadCorrupt);
    /// <summary>The server programs could not be downloaded.</summary>
    public const string ServerDownloadFailed = nameof(ServerDownloadFailed);
    /// <summary>The downloaded server programs cannot be saved.</summary>
    public const string ServerDownloadNotKept = nameof(ServerDownloadNotKept);
    /// <summary>The source of the server programs refused the download.</summary>
    public const string ServerDownloadRefused = nameof(ServerDownloadRefused);
    /// <summary>There are no server programs to download for this system.</summary>
    public const string ServerDownloadUnavailable = nameof(ServerDownloadUnavailable);
    /// <summary>The downloaded server programs do not run on this machine.</summary>
    public const string ServerDownloadUnusable = nameof(ServerDownloadUnusable);
    /// <summary>The server or the driver reported an error without an id of its own.</summary>
    public const string ServerError = nameof(ServerError);
    /// <summary>The folder of the private server contains other files.</summary>
    public const string ServerFolderNotEmpty = nameof(ServerFolderNotEmpty);
    /// <summary>The account of the private server cannot access its folder.</summary>
    public const string ServerFolderNotReachable = nameof(ServerFolderNotReachable);
    /// <summary>The folder of the private server cannot be written.</summary>
    public const string ServerFolderNotWritable = nameof(ServerFolderNotWritable);
    /// <summary>The default folder of the private server cannot be determined.</summary>
    public const string ServerFolderUnknown = nameof(ServerFolderUnknown);
    /// <summary>The cluster of the private server could not be created.</summary>
    public const string ServerInitFailed = nameof(ServerInitFailed);
    /// <summary>PostgreSQL's server programs are not installed.</summary>
    public const string ServerNotInstalled = nameof(ServerNotInstalled);
    /// <summary>The server is starting up or shutting down.</summary>
    public const string ServerNotReady = nameof(ServerNotReady);
    /// <summary>The private server is not running.</summary>
    public const string ServerNotRunning = nameof(ServerNotRunning);
    /// <summary>The private server belongs to another user.</summary>
    public const string ServerOfAnotherUser = nameof(ServerOfAnotherUser);
    /// <summary>The server ran out of memory.</summary>
    public const string ServerOutOfMemory = nameof(ServerOutOfMemory);
    /// <summary>No free port was found for the private server.</summary>
    public const string ServerPortTaken = nameof(ServerPortTaken);
    /// <summary>The account of the private server cannot access the folder of the server programs.</summary>
    public const string ServerProgramsNotReachable = nameof(ServerProgramsNotReachable);
    /// <summary>The server ran out of a resource.</summary>
    public const string ServerResourceExhausted = nameof(ServerResourceExhausted);
    /// <summary>The server shut down while the command was running.</summary>
    public const string ServerShutDown = nameof(ServerShutDown);
    /// <summary>The private server did not start.</summary>
    public const string ServerStartFailed = nameof(ServerStartFailed);
    /// <summary>The private server did not stop.</summary>
    public const string ServerStopFailed = nameof(ServerStopFailed);
    /// <summary>The server did not answer in time.</summary>
    public const string ServerTimeout = nameof(ServerTimeout);
    /// <summary>The server is older than PostgreSQL 14.</summary>
    public const string ServerVersionNotSupported = nameof(ServerVersionNotSupported);
    /// <summary>No service file has the connection service.</summary>
    public const string ServiceNotFound = nameof(ServiceNotFound);
    /// <summary>The server ended a session that was idle for too long.</summary>
    public const string SessionTimedOut = nameof(SessionTimedOut);
    /// <summary>Foreign keys cannot be verified by set here.</summary>
    public const string SetCheckNotPossible = nameof(SetCheckNotPossible);
    /// <summary>The account may not use the server's socket.</summary>
    public const string SocketAccessDenied = nameof(SocketAccessDenied);
    /// <summary>The folder contains no server socket.</summary>
    public const string SocketNotFound = nameof(SocketNotFound);
    /// <summary>The server canceled a statement, usually because of a timeout.</summary>
    public const string StatementCanceled = nameof(StatementCanceled);
    /// <summary>The connection pooler is in statement mode, which does not allow transactions.</summary>
    public const string StatementPooling = nameof(StatementPooling);
    /// <summary>A stream option is out of range or conflicts with another.</summary>
    public const string StreamOptionInvalid = nameof(StreamOptionInvalid);
    /// <summary>A sum is larger than its column can hold.</summary>
    public const string SumTooLarge = nameof(SumTooLarge);
    /// <summary>A table does not match the model.</summary>
    public const string TableDiffers = nameof(TableDiffers);
    /// <summary>A table cannot be filled; the message says why.</summary>
    public const string TableNotFillable = nameof(TableNotFillable);
    /// <summary>A table does not exist in the database.</summary>
    public const string TableNotFound = nameof(TableNotFound);
    /// <summary>The input does not name its table.</summary>
    public const string TableRequired = nameof(TableRequired);
    /// <summary>The metadata has no such table.</summary>
    public const string TableUnknown = nameof(TableUnknown);
    /// <summary>Some tables of a database cannot be filled.</summary>
    public const string TablesNotFillable = nameof(TablesNotFillable);
    /// <summary>The tables of a stream were changed while it was running.</summary>
    public const string TablesChanged = nameof(TablesChanged);
    /// <summary>The file of health thresholds cannot be read.</summary>
    public const string ThresholdFileUnreadable = nameof(ThresholdFileUnreadable);
    /// <summary>A time range ends before it starts.</summary>
    public const string TimeRangeEmpty = nameof(TimeRangeEmpty);
    /// <summary>The TLS handshake failed, or the certificate is not trusted.</summary>
    public const string TlsFailed = nameof(TlsFailed);
    /// <summary>There are too few distinct parents for rows that each need their own combination.</summary>
    public const string TooFewParents = nameof(TooFewParents);
    /// <summary>The server accepts no more connections.</summary>
    public const string TooManyConnections = nameof(TooManyConnections);
    /// <summary>An unexpected error; please report it.</summary>
    public const string Unexpected = nameof(Unexpected);
    /// <summary>A unique column is part of a cycle of foreign keys.</summary>
    public const string UniqueInCycle = nameof(UniqueInCycle);
    /// <summary>A unique column has run out of distinct values.</summary>
    public const string UniqueValuesExhausted = nameof(UniqueValuesExhausted);
    /// <summary>A row with this key already exists.</summary>
    public const string UniqueViolation = nameof(UniqueViolation);
    /// <summary>There is no health check with this name.</summary>
    public const string UnknownHealthCheck = nameof(UnknownHealthCheck);
    /// <summary>There is no locale with this name.</summary>
    public const string UnknownLocale = nameof(UnknownLocale);
    /// <summary>A value does not fit its column.</summary>
    public const string ValueDoesNotFit = nameof(ValueDoesNotFit);
    /// <summary>A value in an existing row cannot be read.</summary>
    public const string ValueNotRead = nameof(ValueNotRead);
    /// <summary>A number is outside the range of its column's type.</summary>
    public const string ValueOutOfRange = nameof(ValueOutOfRange);
    /// <summary>A text is too long for its column.</summary>
    public const string ValueTooLong = nameof(ValueTooLong);
}
