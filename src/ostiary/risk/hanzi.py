"""Descriptions in Chinese and Japanese: the words for what a tool does, as far as they decide its class."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ostiary.risk.case import Sense
from ostiary.risk.risk import RiskClass

__all__ = ["heading"]

_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE
_DESTRUCTIVE, _FINANCIAL = RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL

_WORDS: Final[Mapping[RiskClass, str]] = {
    _READ: "查询 获取 列出 搜索 读取 查看 查找 检索 分析 返回 显示 统计 检查 验证 计算 解析 翻译 下载 "
    "取得 検索 一覧 表示 確認 参照",
    _WRITE: "创建 新建 新增 添加 修改 更新 编辑 设置 配置 上传 保存 写入 发送 发布 回复 移动 复制 "
    "重命名 恢复 绑定 作成 追加 変更 設定 送信 登録",
    _EXECUTE: "执行 运行 启动 停止 重启 部署 触发 调用 点击 打开 关闭 导航 控制 安装 実行 起動 停止 再起動 クリック",
    _DESTRUCTIVE: "删除 清空 清除 销毁 卸载 终止 移除 释放 注销 吊销 削除 破棄 消去",
    _FINANCIAL: "下单 买入 卖出 转账 支付 付款 退款 撤单 充值 提现 购买 平仓 开仓 続費 续费 発注 送金 決済 返金",
}
_CLASSES: Final = {word: one for one, text in _WORDS.items() for word in text.split()}
_WHY: Final[Mapping[RiskClass, str]] = {
    _READ: "it only returns information",
    _WRITE: "it changes what is there",
    _EXECUTE: "it sets something going",
    _DESTRUCTIVE: "what it takes away does not come back",
    _FINANCIAL: "it moves money or commits somebody to pay",
}
_ANY: Final = re.compile("|".join(sorted(_CLASSES, key=len, reverse=True)))
_END: Final = re.compile(r"[\u3002\uff01\uff1f!?\n]")
_LIST: Final = re.compile("等操作|支持")


def heading(text: str) -> Iterator[tuple[str, Sense]]:
    """The words that head a description, with their senses: the first, or all of a sentence that lists operations."""
    sentences = [part for part in _END.split(text[:600]) if part.strip()]
    for index, sentence in enumerate(sentences[:3]):
        words = _ANY.findall(sentence)
        listed = words if index == 0 and _LIST.search(sentence) else words[:1]
        for word in listed:
            one = _CLASSES[word]
            yield word, Sense(one, 2, _WHY[one])
        if words:
            return
