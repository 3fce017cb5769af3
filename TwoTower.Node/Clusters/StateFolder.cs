using System.Security.Cryptography;
using System.Text;
using TwoTower.Model;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Clusters;

/// <summary>Where the nodes of a run keep what has to outlive them: shards' records and the trainer's journal. It belongs to one run, that
/// is to one set of settings and data.</summary>
internal sealed class StateFolder
{
    private const string RunFile = "run.txt", ShardFolder = "shards", JournalFolder = "trainer";

    private readonly string _path;

    private StateFolder(string path)
    {
        _path = path;
        Shards = new FileShardStore(Path.Combine(path, ShardFolder));
        Journal = new FileTrainerJournal(Path.Combine(path, JournalFolder));
    }

    /// <summary>Records of shards.</summary>
    public FileShardStore Shards { get; }

    /// <summary>What the trainer writes down for the one after it.</summary>
    public FileTrainerJournal Journal { get; }

    /// <summary>Whether a trainer has written something down there that another can go on from.</summary>
    public static bool IsBegun(string path) => Directory.Exists(Path.Combine(path, JournalFolder))
        && Directory.EnumerateFiles(Path.Combine(path, JournalFolder)).Any();

    /// <summary>The run is over, or cannot be gone on with: the folder is nobody's again.</summary>
    public void Forget()
    {
        try
        {
            Directory.Delete(Path.Combine(_path, JournalFolder), recursive: true);
            Directory.Delete(Path.Combine(_path, ShardFolder), recursive: true);
            File.Delete(Path.Combine(_path, RunFile));
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // Whoever uses the folder next is told what is wrong with it.
        }
    }

    /// <summary>Opens the folder, which becomes this run's when it is nobody's.</summary>
    /// <param name="path">The folder; it is made when it is not there.</param>
    /// <param name="fingerprint">Everything that decides the run: settings and data.</param>
    /// <exception cref="StorageException">It is another run's, or cannot be written.</exception>
    public static StateFolder Open(string path, IEnumerable<string> fingerprint)
    {
        var run = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', fingerprint))));
        try
        {
            Directory.CreateDirectory(Path.Combine(path, ShardFolder));
            Directory.CreateDirectory(Path.Combine(path, JournalFolder));
            var file = Path.Combine(path, RunFile);
            if (!File.Exists(file))
            {
                AtomicFile.WriteText(file, run);
            }

            if (File.ReadAllText(file).Trim() != run)
            {
                throw new StorageException(
                    $"'{path}' keeps the state of a run with other settings or data; name another folder with --state, or empty it to "
                    + $"forget that run.");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"'{path}' cannot be used to keep state ({PlainReason.Of(failure)}); name another folder with --state.", failure);
        }

        return new StateFolder(path);
    }
}
