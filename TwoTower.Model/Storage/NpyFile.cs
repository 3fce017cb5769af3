using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TwoTower.Model.Storage;

/// <summary>NumPy's format, version 1.0 (numpy.lib.format): float32 matrices in C order.</summary>
public static partial class NpyFile
{
    private static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];

    /// <summary>Writes a matrix, atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="values">Row-major [rows, columns].</param>
    /// <param name="columns">Columns.</param>
    public static void Write(string path, float[] values, int columns) => AtomicFile.Write(path, stream =>
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({values.Length / columns}, {columns}), }}";
        var padded = header.PadRight(((Magic.Length + 2 + header.Length + 1 + 63) / 64 * 64) - Magic.Length - 2 - 1) + "\n";
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)padded.Length);
        stream.Write(Magic);
        stream.Write(length);
        stream.Write(Encoding.ASCII.GetBytes(padded));
        ArrayBytes.ForEach(values, bytes => stream.Write(bytes));
    });

    /// <summary>Reads a matrix.</summary>
    /// <returns>Row-major values and the number of columns.</returns>
    /// <exception cref="StorageException">It is missing, damaged, or not a float32 matrix in C order.</exception>
    public static (float[] Values, int Columns) Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[10];
            stream.ReadExactly(start);
            if (!start[..6].SequenceEqual(Magic.AsSpan(0, 6)) || start[6] != 1)
            {
                throw new StorageException($"'{path}' is not a .npy file of version 1.");
            }

            var text = new byte[BinaryPrimitives.ReadUInt16LittleEndian(start[8..])];
            stream.ReadExactly(text);
            var header = Encoding.ASCII.GetString(text);
            var shape = Shape().Match(header);
            if (!header.Contains("'<f4'", StringComparison.Ordinal) || header.Contains("'fortran_order': True", StringComparison.Ordinal)
                || !shape.Success)
            {
                throw new StorageException($"'{path}' must hold a float32 matrix in C order ('<f4'); its header says {header.Trim()}.");
            }

            var rows = long.Parse(shape.Groups[1].Value, CultureInfo.InvariantCulture);
            var columns = long.Parse(shape.Groups[2].Value, CultureInfo.InvariantCulture);
            if (columns < 1 || columns > int.MaxValue || rows > Array.MaxLength / columns || rows * columns * sizeof(float) != stream.Length
                - stream.Position)
            {
                throw new StorageException($"'{path}' is damaged: its size does not fit its shape ({rows}, {columns}).");
            }

            var values = new float[rows * columns];
            ArrayBytes.ForEach(values, stream.ReadExactly);
            return (values, (int)columns);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be read: {PlainReason.Of(failure)}.", failure);
        }
    }

    [GeneratedRegex(@"'shape':\s*\((\d+),\s*(\d+)\)")]
    private static partial Regex Shape();
}
