using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace AiWorker.SampleBackend
{
    /// <summary>Photos that the command line names: by URL, as a file, or as a directory of files.</summary>
    internal static class PhotoSources
    {
        /// <summary>What the worker decodes.</summary>
        private static readonly HashSet<string> Extensions = new HashSet<string>(
            new[]
            {
                ".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif", ".jxl",
                ".dng", ".nef", ".cr2", ".arw",
            },
            StringComparer.OrdinalIgnoreCase);

        /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
        internal static IEnumerable<WaitingPhoto> Find(string name)
        {
            if (IsUrl(name))
                return new[] { new WaitingPhoto(FileId(name), name) };
            if (File.Exists(name))
                return new[] { new WaitingPhoto(Path.GetFileName(name), Path.GetFullPath(name)) };
            if (!Directory.Exists(name))
                throw new FileNotFoundException("There is no file or directory " + name + ".");
            string root = Path.GetFullPath(name).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
            return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .Where(path => Extensions.Contains(Path.GetExtension(path)))
                .OrderBy(path => path, StringComparer.Ordinal)
                .Select(path => new WaitingPhoto(path.Substring(root.Length).Replace(Path.DirectorySeparatorChar, '/'), path));
        }

        /// <summary>Whether a photo is named by its URL, which the worker then fetches from.</summary>
        internal static bool IsUrl(string name) =>
            name.StartsWith("http://", StringComparison.Ordinal) || name.StartsWith("https://", StringComparison.Ordinal);

        /// <summary>The same for the same URL, as long as an id may be, and without a secret that is in a query.</summary>
        private static string FileId(string url)
        {
            using (SHA256 sha256 = SHA256.Create())
                return BitConverter.ToString(sha256.ComputeHash(Encoding.UTF8.GetBytes(url))).Replace("-", "").ToLowerInvariant();
        }
    }
}
