using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Sets VER_FLG_WEAK on one entry of a 64-bit little-endian ELF library's version-needs table (see
/// Directory.Build.targets).</summary>
public sealed class MarkSymbolVersionWeak : Task
{
    private const uint VersionNeedsSection = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort Weak = 0x2; // VER_FLG_WEAK

    [Required]
    public string Library { get; set; }

    [Required]
    public string SymbolVersion { get; set; }

    public override bool Execute()
    {
        var image = File.ReadAllBytes(Library);
        if (image.Length < 64 || image[0] != 0x7f || image[1] != 'E' || image[4] != 2 || image[5] != 1)
        {
            return true; // Not a 64-bit little-endian ELF file: nothing to do.
        }

        var sectionTable = (long)BitConverter.ToUInt64(image, 0x28);
        int sectionSize = BitConverter.ToUInt16(image, 0x3a);
        int sectionCount = BitConverter.ToUInt16(image, 0x3c);
        for (var section = 0; section < sectionCount; section++)
        {
            var header = (int)(sectionTable + (section * sectionSize));
            if (BitConverter.ToUInt32(image, header + 4) != VersionNeedsSection)
            {
                continue;
            }

            var needs = (int)BitConverter.ToUInt64(image, header + 0x18);
            var stringSection = (int)(sectionTable + ((int)BitConverter.ToUInt32(image, header + 0x28) * sectionSize));
            var strings = (int)BitConverter.ToUInt64(image, stringSection + 0x18);
            if (Mark(image, needs, strings))
            {
                // Written beside and renamed: a program that runs from this folder keeps the file it has mapped.
                var stamp = File.GetLastWriteTimeUtc(Library);
                var beside = Library + ".patching";
                File.WriteAllBytes(beside, image);
                File.SetLastWriteTimeUtc(beside, stamp);
                File.Delete(Library);
                File.Move(beside, Library);
                Log.LogMessage(MessageImportance.Normal, "Marked {0} as weak in {1}", SymbolVersion, Library);
            }
        }

        return true;
    }

    private bool Mark(byte[] image, int need, int strings)
    {
        var changed = false;
        while (true)
        {
            int count = BitConverter.ToUInt16(image, need + 2);
            var auxiliary = need + (int)BitConverter.ToUInt32(image, need + 8);
            for (var n = 0; n < count; n++)
            {
                if (NameAt(image, strings + (int)BitConverter.ToUInt32(image, auxiliary + 8)) == SymbolVersion)
                {
                    var flags = BitConverter.ToUInt16(image, auxiliary + 4);
                    if ((flags & Weak) == 0)
                    {
                        BitConverter.GetBytes((ushort)(flags | Weak)).CopyTo(image, auxiliary + 4);
                        changed = true;
                    }
                }

                auxiliary += (int)BitConverter.ToUInt32(image, auxiliary + 12);
            }

            var next = (int)BitConverter.ToUInt32(image, need + 12);
            if (next == 0)
            {
                return changed;
            }

            need += next;
        }
    }

    private static string NameAt(byte[] image, int offset)
    {
        var end = Array.IndexOf(image, (byte)0, offset);
        return Encoding.ASCII.GetString(image, offset, end - offset);
    }
}
