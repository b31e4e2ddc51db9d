using System;
using System.IO;
using System.Text;

namespace AiWorker.Client
{
    /// <summary>A form with files (RFC 7578), which is sent as often as there are attempts.</summary>
    internal sealed class Form
    {
        private readonly string _boundary = Guid.NewGuid().ToString("N");
        private readonly MemoryStream _parts = new MemoryStream();

        internal string ContentType => "multipart/form-data; boundary=" + _boundary;

        internal void Add(string name, byte[] file)
        {
            Write("--" + _boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + name +
                "\"\r\nContent-Type: application/octet-stream\r\n\r\n");
            _parts.Write(file, 0, file.Length);
            Write("\r\n");
        }

        internal byte[] Body()
        {
            Write("--" + _boundary + "--\r\n");
            return _parts.ToArray();
        }

        private void Write(string text)
        {
            byte[] bytes = Encoding.ASCII.GetBytes(text);
            _parts.Write(bytes, 0, bytes.Length);
        }
    }
}
