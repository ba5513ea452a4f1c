BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Connect-StreamingDatabase' {
    AfterEach {
        Disconnect-StreamingDatabase
    }

    It 'makes the connection that other commands of the session use' {
        $connection = Connect-StreamingDatabase -Schema mine
        $connection.Schema | Should -Be 'mine'
        (Test-StreamingConnection).Source | Should -Be 'PrivateServer'
        (Test-StreamingConnection).Server | Should -Be "$connection"
    }

    It 'takes a private server from the pipeline' {
        $connection = Get-StreamingServer | Connect-StreamingDatabase
        $connection | Should -BeOfType StreamingPg.StreamingConnection
        $connection.Port | Should -Be (Get-StreamingServer).Port
    }

    It 'keeps no more connections than the pool may have' {
        $connection = Connect-StreamingDatabase -MaxPoolSize 2
        $one = $connection.DataSource.OpenConnection()
        $two = $connection.DataSource.OpenConnection()
        try {
            $three = $connection.DataSource.OpenConnectionAsync([Threading.CancellationToken]::None)
            $three.AsTask().Wait(200) | Should -BeFalse
            $one.Dispose()
            $three.AsTask().GetAwaiter().GetResult().Dispose()
        }
        finally {
            $two.Dispose()
        }
        { Connect-StreamingDatabase -MaxPoolSize 0 } | Should -Throw
    }

    It 'takes variables before the private server' {
        $env:POSTGRES_HOST = '127.0.0.1'
        $env:POSTGRES_PORT = '1'
        try {
            (Test-StreamingConnection).Source | Should -Be 'Environment'
        }
        finally {
            Remove-Item Env:POSTGRES_*
        }
    }

    It 'takes a host, a URI, a connection string or a service without a parameter name' {
        $server = Get-StreamingServer
        $env:PGPASSFILE = Join-Path $server.Path 'pgpass'
        $settings = "$($server.UserName)", $server.Port, $server.Database
        $env:PGSERVICEFILE = Join-Path $TestDrive 'pg_service.conf'
        Set-Content $env:PGSERVICEFILE ("[mine]`nhost=127.0.0.1`nuser={0}`nport={1}`ndbname={2}" -f $settings)
        try {
            foreach ($typed in ('postgresql://{0}@127.0.0.1:{1}/{2}' -f $settings), ('Host=127.0.0.1;Username={0};Port={1};Database={2}' -f $settings), 'service=mine') {
                (Connect-StreamingDatabase $typed).Port | Should -Be $server.Port
                Disconnect-StreamingDatabase
            }
            $credential = New-TestCredential $server.UserName ((Get-Content $env:PGPASSFILE) -split ':')[4]
            (Connect-StreamingDatabase -ComputerName 127.0.0.1 -Port $server.Port -Database $server.Database -Credential $credential).Port | Should -Be $server.Port
            Disconnect-StreamingDatabase
            Get-StreamingConnection | Where-Object Source -EQ PrivateServer | Disconnect-StreamingDatabase
            $env:PGSERVICE = 'mine'
            (Get-StreamingConnection).Source | Should -Be 'Environment'
            (Get-StreamingConnection).Database | Should -Be $server.Database
        }
        finally {
            Remove-Item Env:PG*
        }
    }

    It 'takes PGHOST before a .env file' {
        Get-StreamingConnection | Disconnect-StreamingDatabase
        $env:PGHOST = '127.0.0.1'
        $env:PGPORT = '1'
        try {
            (Get-StreamingConnection).Port | Should -Be 1
            (Get-StreamingConnection).Source | Should -Be 'Environment'
        }
        finally {
            Remove-Item Env:PG*
        }
    }

    It 'takes a .env of the folder that the session is in' {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'with-env')
        Set-Content (Join-Path $folder '.env') "POSTGRES_HOST=127.0.0.1`nPOSTGRES_PORT=1"
        Push-Location $folder
        try {
            (Test-StreamingConnection).Source | Should -Be 'DotEnv'
        }
        finally {
            Pop-Location
        }
    }

    It 'refuses a wrong password and does not show it' {
        $server = Get-StreamingServer
        $credential = New-TestCredential $server.UserName 'not-the-password'
        $failed = $null
        try {
            Connect-StreamingDatabase -HostName 127.0.0.1 -Port $server.Port -Database $server.Database -Credential $credential
        }
        catch {
            $failed = $_
        }
        $failed.FullyQualifiedErrorId | Should -Be 'AuthenticationFailed,StreamingPg.Cmdlets.Commands.ConnectStreamingDatabaseCommand'
        $failed.CategoryInfo.Category | Should -Be 'AuthenticationError'
        $failed | Format-List * -Force | Out-String | Should -Not -Match 'not-the-password'
    }

    It 'says that nobody answers' {
        { Connect-StreamingDatabase -HostName 127.0.0.1 -Port 1 } |
            Should -Throw -ErrorId 'ConnectionRefused,StreamingPg.Cmdlets.Commands.ConnectStreamingDatabaseCommand'
    }

    It 'says that the private server does not run' {
        $stopped = Get-StreamingServer -Path (Join-Path $TestDrive 'no-server')
        { $stopped | Connect-StreamingDatabase } |
            Should -Throw -ErrorId 'ServerNotRunning,StreamingPg.Cmdlets.Commands.ConnectStreamingDatabaseCommand'
    }

    It 'takes a connection string alone' {
        { Connect-StreamingDatabase -ConnectionString 'Host=a' -HostName b } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        { Connect-StreamingDatabase -ConnectionString 'Password=secret;Nonsense=1' } |
            Should -Throw -ErrorId 'InvalidConnectionString,StreamingPg.Cmdlets.Commands.ConnectStreamingDatabaseCommand'
    }
}
